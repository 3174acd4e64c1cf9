import type { PlacedOrder } from './orders';
import type { Side } from './side';
import { WritePause } from './writePause';

/** What the application knows to have been committed, so that it can be looked for after a migration. */
export class Ledger {
  private readonly pause = new WritePause();
  private readonly writes: Record<Side, number> = { source: 0, target: 0 };
  private readonly placed: PlacedOrder[] = [];
  private readonly unanswered = new Set<string>();

  committed(side: Side): void {
    this.writes[side] += 1;
    this.pause.wrote();
  }

  add(order: PlacedOrder): void {
    this.placed.push(order);
  }

  remove(order: PlacedOrder): void {
    const index = this.placed.indexOf(order);
    if (index >= 0) this.placed.splice(index, 1);
  }

  /** A COMMIT that adds or removes the order was sent and not answered. */
  doubt(reference: string): void {
    const order = this.placed.find((each) => each.reference === reference);
    if (order !== undefined) this.remove(order);
    this.unanswered.add(reference);
  }

  get oldest(): PlacedOrder | undefined {
    return this.placed[0];
  }

  get newest(): PlacedOrder | undefined {
    return this.placed.at(-1);
  }

  statistics(): Omit<ApplicationStatistics, 'state'> {
    return {
      writes: { ...this.writes },
      longestPauseMs: this.pause.longestMs(),
      orders: this.placed.map(({ reference }) => reference),
      uncertain: [...this.unanswered],
    };
  }
}

export interface ApplicationState {
  readonly doing: 'writing' | 'paused' | 'failed';
  readonly side: Side;
  /** Why it is paused or failed. */
  readonly reason: string | null;
}

export interface ApplicationStatistics {
  /** Committed transactions on each side. */
  readonly writes: Readonly<Record<Side, number>>;
  /** The longest time without a successful write, in milliseconds. */
  readonly longestPauseMs: number;
  /** References of the orders that were committed and not withdrawn: they must be found wherever the shop is now. */
  readonly orders: readonly string[];
  /** References of orders whose COMMIT, or the COMMIT of their withdrawal, got no answer: they may be there or not. */
  readonly uncertain: readonly string[];
  readonly state: ApplicationState;
}
