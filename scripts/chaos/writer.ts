import { setTimeout as wait } from 'node:timers/promises';
import { Chance } from './chance';
import { Changes, type Planned } from './changes';
import { firstLedger } from './ledger';
import { openSide, type Failure, type Side } from './side';

/** Between two attempts at a side that does not answer, or takes no writes. */
const PAUSE_MS = 60;

/** Where the application's traffic goes at a moment, and the side that has everything when the other one has lost its tables. */
export interface Traffic {
  readonly sourceUrl: string;
  /** The URL of the side in use now. */
  current(): string;
}

/**
 * One session of an application that writes without pause, connects again whenever it has to, and keeps account of what
 * is stored: each transaction counts its writer's row in `mark`, which tells one whose outcome nobody has told.
 */
export class Writer {
  readonly ledger;
  /** Row changes that were acknowledged, or found stored. */
  changes = 0;
  /** How often a side took no writes. */
  refused = 0;
  /** Transactions whose outcome was looked up, and how many of those were stored. */
  unknown = { asked: 0, stored: 0 };
  private number = 0;
  private session: { readonly url: string; readonly side: Side } | null = null;
  private readonly planner: Changes;

  constructor(
    private readonly owner: number,
    seed: number,
    private readonly traffic: Traffic,
    private readonly changesPerSecond: number,
    private readonly isOver: () => boolean,
  ) {
    this.ledger = firstLedger(owner);
    this.planner = new Changes(owner, new Chance(seed * 7_919 + owner));
  }

  /** Writes until it is over. Errors: what no outage and no freeze explains. */
  async work(): Promise<void> {
    try {
      while (!this.isOver()) {
        const startedAt = performance.now();
        const done = await this.transaction();
        const restMs = (done / this.changesPerSecond) * 1_000 - (performance.now() - startedAt);
        await wait(Math.max(restMs, done === 0 ? PAUSE_MS : 1));
      }
    } finally {
      await this.close();
    }
  }

  /** Answers how many changes are stored by it; none when it was not. */
  private async transaction(): Promise<number> {
    const side = await this.open(this.traffic.current());
    if (side === null) return 0;
    const planned = this.planner.next(this.ledger, side);
    const number = this.number + 1;
    const mark = `UPDATE mark SET done = ${number} WHERE owner = ${this.owner}`;
    const { url } = this.session ?? { url: '' };
    try {
      await side.query(['BEGIN', ...planned.statements, mark, 'COMMIT'].join(';\n'));
    } catch (error) {
      if (!(await this.isStored(url, side.failureOf(error), error, number))) return 0;
    }
    return this.follow(planned, number);
  }

  private follow({ note, changes }: Planned, number: number): number {
    note(this.ledger);
    this.ledger.mark.set(String(this.owner), String(number));
    this.number = number;
    this.changes += changes + 1;
    return changes + 1;
  }

  /** Whether a transaction is stored that has ended with an error; looked up until the side it went to answers. */
  private async isStored(url: string, failure: Failure, error: unknown, number: number): Promise<boolean> {
    if (failure === 'unexpected') throw error;
    if (failure === 'refused' || failure === 'gone') this.refused += 1;
    else this.unknown.asked += 1;
    // What is open of it ends with its session, which no server keeps that has closed it.
    await this.close();
    let from = url;
    for (;;) {
      const found = await this.readMark(from);
      if (found === 'gone') from = this.traffic.sourceUrl;
      else if (found !== null) {
        const isStored = found === number;
        if (failure === 'unreachable' && isStored) this.unknown.stored += 1;
        return isStored;
      }
      await wait(PAUSE_MS);
    }
  }

  /** Null while the side does not answer. */
  private async readMark(url: string): Promise<number | 'gone' | null> {
    const side = await this.open(url);
    if (side === null) return null;
    try {
      const [row] = await side.query(`SELECT done FROM mark WHERE owner = ${this.owner}`);
      return Number(row?.[0]);
    } catch (error) {
      const failure = side.failureOf(error);
      if (failure === 'unexpected') throw error;
      await this.close();
      return failure === 'gone' ? 'gone' : null;
    }
  }

  /** The session that there is, or a new one; null while the server does not answer. */
  private async open(url: string): Promise<Side | null> {
    if (this.session?.url === url) return this.session.side;
    await this.close();
    try {
      const side = await openSide(url);
      this.session = { url, side };
      return side;
    } catch {
      // Why matters to nobody: it is tried again, and a server that never comes back ends the run.
      return null;
    }
  }

  private async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.side.end();
  }
}
