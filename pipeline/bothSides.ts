import type { Verifiable } from '../engines/engine';
import type { Excuses } from './excuses';

/** What the source and the target answered. */
export interface Answers<S, T = S> {
  readonly source: S;
  readonly target: T;
}

/** A question to one side, which gives up when the signal says so. */
export type Question<T> = (side: Verifiable, signal: AbortSignal) => Promise<T>;

/** The two sides of a verification, asked at the same time. */
export class BothSides {
  constructor(
    private readonly source: Verifiable,
    private readonly target: Verifiable,
    readonly excuses: Excuses,
    private readonly signal: AbortSignal,
    private readonly heartbeat: () => void,
  ) {}

  /** Asks both the same. */
  ask<T>(question: Question<T>): Promise<Answers<T>> {
    return this.askEach(question, question);
  }

  /** Asks the source, and then the target. */
  async askInTurn<S, T>(toSource: Question<S>, toTarget: Question<T>): Promise<Answers<S, T>> {
    const { source } = await this.askEach(toSource, () => Promise.resolve());
    const { target } = await this.askEach(() => Promise.resolve(), toTarget);
    return { source, target };
  }

  /** Asks each its own question. When one fails, the other is stopped and waited for. */
  async askEach<S, T>(toSource: Question<S>, toTarget: Question<T>): Promise<Answers<S, T>> {
    this.signal.throwIfAborted();
    const stop = new AbortController();
    const onAbort = (): void => {
      stop.abort(this.signal.reason);
    };
    const guarded = <A>(side: Verifiable, question: Question<A>): Promise<A> =>
      question(side, stop.signal).catch((error: unknown) => {
        stop.abort(error);
        throw error;
      });
    // Not AbortSignal.any: a long verification would have the long-lived signal remember each of its questions.
    this.signal.addEventListener('abort', onAbort, { once: true });
    const answers = [guarded(this.source, toSource), guarded(this.target, toTarget)] as const;
    await Promise.allSettled(answers);
    this.signal.removeEventListener('abort', onAbort);
    const [source, target] = await Promise.all(answers);
    this.heartbeat();
    return { source, target };
  }
}

/**
 * Has each lane take the next item when it is done with one, until none is left. After an error no lane begins another;
 * the first error is thrown when all have stopped.
 */
export async function shareOut<L, T>(
  lanes: readonly L[],
  items: readonly T[],
  work: (lane: L, item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const errors: unknown[] = [];
  const run = async (lane: L): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(lane, item);
  };
  await Promise.all(
    lanes.map((lane) =>
      run(lane).catch((error: unknown) => {
        waiting.length = 0;
        errors.push(error);
      }),
    ),
  );
  if (errors.length > 0) throw errors[0];
}
