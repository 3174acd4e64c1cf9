import { setTimeout as wait } from 'node:timers/promises';
import { openApplicationDatabase, type ApplicationDatabase } from './applicationDatabase';
import { Ledger, type ApplicationState, type ApplicationStatistics } from './ledger';
import { exchangeCarts, placeOrder, readAssortment, shipOrder, withdrawOrder, type Assortment } from './orders';
import { refusalOf, type Refusal } from './refusals';
import { readSide, type Side, type SidePointer } from './side';

export type { ApplicationState, ApplicationStatistics };

export interface ApplicationOptions {
  /** Transactions a second at most; 40 unless given. */
  readonly rate?: number;
  /** Where to write is looked up before every write; without it the application stays with its first database. */
  readonly moves?: { readonly pointer: SidePointer; readonly targetUrl: string };
  /** Told when the application starts to write, has to wait, or gives up. */
  readonly onState?: (state: ApplicationState) => void;
}

/** How soon a refused write is tried again, in milliseconds: the precision of the measured pause. */
const RETRY_MS = 20;

/** Starts writing to the shop as the URL's user, an ordinary application; resolves after its first committed write. */
export async function startApplication(url: string, options: ApplicationOptions = {}): Promise<Application> {
  const application = new Application(url, options);
  await application.firstWrite;
  return application;
}

/** Places, ships and withdraws orders, one transaction at a time, until it is stopped. */
export class Application {
  /** Resolves with the first committed write; rejects when the application fails before it. */
  readonly firstWrite: Promise<void>;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private readonly ledger = new Ledger();
  /** Tells this application's orders from those of other runs. */
  private readonly prefix = `A${Date.now().toString(36)}-`;
  private readonly urls: Readonly<Record<Side, string>>;
  private state: ApplicationState = { doing: 'paused', side: 'source', reason: null };
  private open: { readonly side: Side; readonly database: ApplicationDatabase } | null = null;
  private assortment: Assortment | null = null;
  private cart: Buffer | undefined;
  private turn = 0;

  constructor(
    url: string,
    private readonly options: ApplicationOptions,
  ) {
    this.urls = { source: url, target: options.moves?.targetUrl ?? url };
    let wrote = (): void => undefined;
    const first = new Promise<void>((resolve) => (wrote = resolve));
    this.running = this.run(() => wrote());
    this.running.catch((error: unknown) => {
      this.enter({ ...this.state, doing: 'failed', reason: error instanceof Error ? error.message : String(error) });
    });
    this.firstWrite = Promise.race([first, this.running]);
  }

  statistics(): ApplicationStatistics {
    return { ...this.ledger.statistics(), state: this.state };
  }

  /** Ends after the write in hand. Rejects when the application had failed on its own. */
  async stop(): Promise<ApplicationStatistics> {
    this.stopping.abort();
    await this.running;
    return this.statistics();
  }

  private async run(wrote: () => void): Promise<void> {
    const intervalMs = 1000 / (this.options.rate ?? 40);
    try {
      while (!this.stopping.signal.aborted) {
        const due = performance.now() + intervalMs;
        const refusal = await this.tryWrite();
        if (refusal === null) wrote();
        await this.rest(refusal === null ? due - performance.now() : RETRY_MS);
      }
    } finally {
      await this.disconnect();
    }
  }

  /** Sleeps until the next write is due, and wakes at once to stop. */
  private async rest(ms: number): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  /** One transaction where the shop is now; answers why it was refused, if it was. */
  private async tryWrite(): Promise<Refusal | null> {
    const pointer = this.options.moves?.pointer;
    const side = pointer === undefined ? 'source' : await readSide(pointer);
    try {
      await this.write(await this.connect(side));
      this.ledger.committed(side);
      this.enter({ doing: 'writing', side, reason: null });
      return null;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      if (refusal !== 'contention') this.enter({ doing: 'paused', side, reason: refusal });
      await (refusal === 'connection' ? this.disconnect() : this.rollBack());
      return refusal;
    }
  }

  private async write(database: ApplicationDatabase): Promise<void> {
    this.turn += 1;
    const assortment = (this.assortment ??= await readAssortment(database));
    const { ledger, turn } = this;
    const { oldest, newest } = ledger;
    if (turn % 4 === 1) {
      const reference = `${this.prefix}${turn}`;
      ledger.add(await this.commit(database, reference, () => placeOrder(database, assortment, turn, reference)));
    } else if (turn % 4 === 2 && newest !== undefined) {
      await this.commit(database, null, () => shipOrder(database, newest));
    } else if (turn % 12 === 3 && oldest !== undefined) {
      await this.commit(database, oldest.reference, () => withdrawOrder(database, oldest));
      ledger.remove(oldest);
    } else {
      this.cart = await this.commit(database, null, () => exchangeCarts(database, this.cart));
    }
  }

  /** Runs `work` in a transaction. When its COMMIT gets no answer, the order it was about is in doubt. */
  private async commit<T>(database: ApplicationDatabase, order: string | null, work: () => Promise<T>): Promise<T> {
    await database.run('BEGIN');
    const result = await work();
    try {
      await database.run('COMMIT');
    } catch (error) {
      if (order !== null && refusalOf(error) === 'connection') this.ledger.doubt(order);
      throw error;
    }
    return result;
  }

  private async connect(side: Side): Promise<ApplicationDatabase> {
    if (this.open?.side !== side) {
      await this.disconnect();
      this.open = { side, database: await openApplicationDatabase(this.urls[side]) };
    }
    return this.open.database;
  }

  private async rollBack(): Promise<void> {
    await this.open?.database.run('ROLLBACK').catch(() => this.disconnect());
  }

  private async disconnect(): Promise<void> {
    const open = this.open;
    this.open = null;
    await open?.database.close();
  }

  private enter(state: ApplicationState): void {
    const { doing, side, reason } = this.state;
    this.state = state;
    if (doing !== state.doing || side !== state.side || reason !== state.reason) this.options.onState?.(state);
  }
}
