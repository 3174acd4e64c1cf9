import type { Verifiable } from '../engines/engine';

/** What the source and the target answered. */
export interface Answers<T> {
  readonly source: T;
  readonly target: T;
}

/** A question to one side, which gives up when the signal says so. */
export type Question<T> = (side: Verifiable, signal: AbortSignal) => Promise<T>;

/** The two sides of a verification, asked at the same time. */
export class BothSides {
  constructor(
    private readonly source: Verifiable,
    private readonly target: Verifiable,
    private readonly signal: AbortSignal,
    private readonly heartbeat: () => void,
  ) {}

  /** Asks both, each its own question where there are two. When one fails, the other is stopped and waited for. */
  async ask<T>(question: Question<T>, toTarget: Question<T> = question): Promise<Answers<T>> {
    this.signal.throwIfAborted();
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    const guarded = (side: Verifiable, asked: Question<T>): Promise<T> =>
      asked(side, signal).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      });
    const answers = [guarded(this.source, question), guarded(this.target, toTarget)] as const;
    await Promise.allSettled(answers);
    const [source, target] = await Promise.all(answers);
    this.heartbeat();
    return { source, target };
  }
}
