import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { reasonOf } from '../servers/run';
import { WRITERS } from './tables';
import { Writer, type Traffic } from './writer';

/** What the switch file says once the traffic is to go to the target. */
export const ON_TARGET = 'target';
/** Eight writers whose traffic goes where the switch file says. */
export class Application {
  readonly writers: readonly Writer[];
  /** Changes acknowledged in each second of the clock in which there were any. */
  private readonly seconds = new Map<number, number>();
  private isOver = false;
  private readonly ended: Promise<unknown>;
  private failure: unknown = null;

  /** `changesPerSecond` is the pace of all writers together, outages left out. */
  constructor(seed: number, changesPerSecond: number, switchFile: string, sourceUrl: string, targetUrl: string) {
    const isOnTarget = (): boolean => existsSync(switchFile) && readFileSync(switchFile, 'utf8') === ON_TARGET;
    const traffic: Traffic = { sourceUrl, current: () => (isOnTarget() ? targetUrl : sourceUrl) };
    this.writers = Array.from(
      { length: WRITERS },
      (_, owner) => new Writer(owner, seed, traffic, changesPerSecond / WRITERS, () => this.isOver),
    );
    this.ended = Promise.all(this.writers.map((writer) => writer.work())).catch((error: unknown) => {
      this.failure = error;
      this.isOver = true;
    });
    void this.count();
  }

  get changes(): number {
    return this.sum(({ changes }) => changes);
  }

  get refused(): number {
    return this.sum(({ refused }) => refused);
  }

  get unknown(): { asked: number; stored: number } {
    return { asked: this.sum(({ unknown }) => unknown.asked), stored: this.sum(({ unknown }) => unknown.stored) };
  }

  /** The median over the seconds in which anything was acknowledged. */
  get changesPerSecond(): number {
    const counts = [...this.seconds.values()].sort((one, other) => one - other);
    return counts[Math.floor(counts.length / 2)] ?? 0;
  }

  /** Throws what a writer has failed by. */
  check(): void {
    if (this.failure !== null) throw new Error(`a writer failed: ${reasonOf(this.failure)}`, { cause: this.failure });
  }

  /** Resolves when so many more changes are acknowledged. */
  async writeOn(changes: number): Promise<void> {
    const goal = this.changes + changes;
    while (this.changes < goal) {
      this.check();
      await wait(50);
    }
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.ended;
  }

  private sum(count: (writer: Writer) => number): number {
    return this.writers.reduce((sum, writer) => sum + count(writer), 0);
  }

  private async count(): Promise<void> {
    let counted = 0;
    while (!this.isOver) {
      await wait(1_000, undefined, { ref: false });
      const now = this.changes;
      if (now > counted) this.seconds.set(this.seconds.size, now - counted);
      counted = now;
    }
  }
}
