import { setTimeout as wait } from 'node:timers/promises';
import { WritePause } from './writePause';

/** What the people who use the shop by its web front have seen. */
export interface VisitorStatistics {
  readonly orders: number;
  /** Orders that were found again. */
  readonly looks: number;
  /** Orders that the shop asked to place later (503), for it took none at the moment. */
  readonly putOff: number;
  /** Answers and broken connections that no visitor should see, each once. */
  readonly errors: readonly string[];
  /** The longest time in which no order was taken. */
  readonly longestPauseMs: number;
  /** The longest that anybody waited for an answer. */
  readonly longestAnswerMs: number;
}

/** A visitor places an order about so often, and looks at it. */
const REST_MS = 100;

/** Visitors of a shop, each with one request at a time, until they are stopped. */
export class Visitors {
  private readonly stopping = new AbortController();
  private readonly pause = new WritePause();
  private readonly errors = new Set<string>();
  private readonly prefix = `V${Date.now().toString(36)}`;
  private readonly running: Promise<unknown>;
  private orders = 0;
  private looks = 0;
  private putOff = 0;
  private longestAnswerMs = 0;
  private newest: string | null = null;

  constructor(
    private readonly url: string,
    number = 4,
  ) {
    this.running = Promise.all(Array.from({ length: number }, (_, index) => this.visit(index)));
  }

  statistics(): VisitorStatistics {
    const { orders, looks, putOff, longestAnswerMs } = this;
    const longestPauseMs = this.pause.longestMs();
    return {
      orders,
      looks,
      putOff,
      longestPauseMs,
      longestAnswerMs: Math.round(longestAnswerMs),
      errors: [...this.errors],
    };
  }

  async stop(): Promise<VisitorStatistics> {
    this.stopping.abort();
    await this.running;
    return this.statistics();
  }

  private async visit(visitor: number): Promise<void> {
    const { signal } = this.stopping;
    for (let turn = 1; !signal.aborted; turn += 1) {
      await this.order(`${this.prefix}-${visitor}-${turn}`);
      await this.look();
      await wait(REST_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async order(reference: string): Promise<void> {
    const status = await this.ask('/orders', { method: 'POST', body: JSON.stringify({ reference }) });
    if (status === 201) {
      this.orders += 1;
      this.pause.wrote();
      this.newest = reference;
    } else if (status === 503) this.putOff += 1;
    else if (status !== null) this.errors.add(`an order was answered by ${status}`);
  }

  /** An order that was taken must be found, wherever the shop is by now. */
  private async look(): Promise<void> {
    if (this.newest === null) return;
    const status = await this.ask(`/orders/${this.newest}`);
    if (status === 200) this.looks += 1;
    else if (status !== null) this.errors.add(`looking for an order was answered by ${status}`);
  }

  /** The status of the answer; null for none, which is an error by itself. */
  private async ask(path: string, request: RequestInit = {}): Promise<number | null> {
    const askedAt = performance.now();
    try {
      const answer = await fetch(`${this.url}${path}`, request);
      await answer.arrayBuffer();
      return answer.status;
    } catch (error) {
      this.errors.add(`no answer: ${(error as Error).message}`);
      return null;
    } finally {
      this.longestAnswerMs = Math.max(this.longestAnswerMs, performance.now() - askedAt);
    }
  }
}
