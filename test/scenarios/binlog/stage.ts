import type { Connection } from 'mysql2/promise';
import type { PlannedTable } from '../../../domain/plan';
import type { Position } from '../../../domain/position';
import type { ChangeStream, Source } from '../../../engines/engine';
import { connect, planned, SourceStage, type Flavour } from '../mysqlSource/stage';
import { follow, type Followed } from './following';

/** A database whose log is followed, and a session that writes into it. */
export class LogStage implements AsyncDisposable {
  private constructor(
    private readonly stage: SourceStage,
    readonly session: Connection,
    readonly plans: readonly PlannedTable[],
    /** Behind the making of the tables. */
    readonly from: Position,
  ) {}

  /** `streamed` names the tables to follow; all of them where it is left out. */
  static async open(flavour: Flavour, sql: string, streamed?: readonly string[]): Promise<LogStage> {
    const stage = await SourceStage.open(flavour, sql);
    const { tables } = await stage.source.introspect();
    const plans = tables.filter(({ name }) => streamed?.includes(name) ?? true).map((table) => planned(table));
    const session = await connect(stage.url);
    return new LogStage(stage, session, plans, await stage.source.position());
  }

  get url(): string {
    return this.stage.url;
  }

  get database(): string {
    return new URL(this.url).pathname.slice(1);
  }

  get source(): Source {
    return this.stage.source;
  }

  get changes(): ChangeStream {
    if (this.source.changes === undefined) throw new Error('the engine has a change stream');
    return this.source.changes;
  }

  /** Runs statements one after the other in the one session that writes. */
  async write(...statements: readonly string[]): Promise<void> {
    for (const sql of statements) await this.session.query(sql);
  }

  /** Follows the log up to where it stands now. */
  async follow(from: Position = this.from): Promise<Followed> {
    return follow(this.changes, this.plans, from, await this.source.position());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.end();
    await this.stage[Symbol.asyncDispose]();
  }
}

/** Changes as `table kind first-cell`, in order; the first column tells rows apart. */
export function told({ transactions }: Followed): string[][] {
  return transactions
    .map(({ changes }) =>
      changes.map(({ kind, table, before, after }) => `${table} ${kind} ${String((after ?? before)?.[0])}`),
    )
    .filter((changes) => changes.length > 0);
}
