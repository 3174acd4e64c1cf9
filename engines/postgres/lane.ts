import type { DatabaseSettings } from '../../domain/connection';
import { MigrationError, assert } from '../../domain/errors';
import type { KeyRange } from '../../domain/keys';
import type { TablePlan } from '../../domain/plan';
import type { Position } from '../../domain/position';
import type {
  CellFormat,
  ClaimedChunk,
  CopyLane,
  LaneProcess,
  RejectedRow,
  Rejections,
  ReopenedChunk,
  RowWriter,
  RunWork,
} from '../engine';
import { connect, type PostgresSession } from './connection';
import { saveReadAt } from './control/chunks';
import { document, integer } from './control/decode';
import { closeLane, fence, takeLane } from './control/lanes';
import { claimRejected, saveCopied, saveRejected } from './control/rejected';
import { BufferPool, CopyWriter } from './writer';

/** Opens a lane on a connection of its own, once the lane's earlier attempt has no server process any more. */
export async function openLane(settings: DatabaseSettings, work: RunWork): Promise<CopyLane> {
  const session = await connect(settings);
  try {
    await takeLane(session, work);
    return new PostgresLane(session, work);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** Who holds a lock on the table itself for longer makes the chunk one to try again, rather than one that hangs. */
const BEGIN = `begin; set local lock_timeout = '60s'`;

const CLAIM = `select ordinal, key_range from temporal_migrate.chunks
  where run_id = $1 and table_name = $2 and rows is null
  order by ordinal limit 1 for update skip locked`;

const CLAIM_ANY = `select table_name, ordinal, key_range from temporal_migrate.chunks
  where run_id = $1 and table_name = any($2) and rows is null
  limit 1 for update skip locked`;

class PostgresLane implements CopyLane {
  readonly #buffers = new BufferPool();
  #tables: readonly string[] = [];
  /** Of these tables, those before this one had no chunk to claim when they were looked at. */
  #table = 0;
  /** Rows the server has taken since the claim. */
  #written = 0;

  constructor(
    private readonly session: PostgresSession,
    private readonly work: RunWork,
  ) {}

  get process(): LaneProcess {
    const { runId, lane } = this.work;
    return { runId, lane, ...this.session.backend };
  }

  async claim(tables: readonly string[]): Promise<ClaimedChunk | null> {
    if (tables.length !== this.#tables.length || tables.some((table, place) => table !== this.#tables[place])) {
      this.#tables = [...tables];
      this.#table = 0;
    }
    return this.#begin(async () => (await this.#claimNext()) ?? (await this.#claimAny()));
  }

  writer(plan: TablePlan, cells: readonly CellFormat[]): RowWriter {
    return new CopyWriter(this.session, this.#buffers, plan, cells, (rows) => {
      this.#written += rows;
    });
  }

  async commit(
    chunk: ClaimedChunk,
    rows: number,
    bytes: number,
    rejections?: Rejections,
    readAt: Position | null = null,
  ): Promise<void> {
    const { table, ordinal } = chunk;
    if (rows !== this.#written) {
      const told = `table ${table}, chunk ${ordinal}: ${rows} rows were read and ${this.#written} written`;
      throw new MigrationError('INTERNAL', `broken promise: ${told}; nothing of the chunk is committed`);
    }
    const done = await this.session.query(
      `update temporal_migrate.chunks set rows = $4, bytes = $5
       where run_id = $1 and table_name = $2 and ordinal = $3 and rows is null returning 1`,
      [this.work.runId, table, ordinal, rows, bytes],
    );
    assert(done.length === 1, 'a claimed chunk is done by nobody else');
    if (rejections) await saveRejected(this.session, this.work.runId, chunk, rejections);
    if (readAt !== null) await saveReadAt(this.session, this.work.runId, table, readAt);
    await this.session.query('commit');
  }

  async reopen(tables: readonly string[], after: ClaimedChunk | null): Promise<ReopenedChunk | null> {
    return this.#begin(() => claimRejected(this.session, this.work.runId, tables, after));
  }

  async commitAgain(
    chunk: ReopenedChunk,
    copied: ReadonlySet<string>,
    rows: number,
    bytes: number,
    rejected: readonly RejectedRow[],
  ): Promise<void> {
    assert(rows === this.#written, 'the server took the rows that were written');
    const { runId } = this.work;
    await saveCopied(this.session, runId, chunk, copied, rejected);
    await this.session.query(
      `update temporal_migrate.chunks set rows = rows + $4, bytes = bytes + $5
       where run_id = $1 and table_name = $2 and ordinal = $3`,
      [runId, chunk.table, chunk.ordinal, rows, bytes],
    );
    await this.session.query('commit');
  }

  async rollback(): Promise<void> {
    await this.session.query('rollback');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeLane(this.session, this.work);
  }

  /** Begins a transaction of this epoch for the chunk that is found; without one nothing stays begun. */
  async #begin<Chunk>(find: () => Promise<Chunk | null>): Promise<Chunk | null> {
    this.#written = 0;
    await this.session.query(BEGIN);
    try {
      await fence(this.session, this.work);
      const chunk = await find();
      if (chunk === null) await this.rollback();
      return chunk;
    } catch (error) {
      await this.rollback();
      throw error;
    }
  }

  /** Tables in the order given, each until it has no chunk to claim. */
  async #claimNext(): Promise<ClaimedChunk | null> {
    for (; this.#table < this.#tables.length; this.#table++) {
      const table = this.#tables[this.#table] ?? '';
      const [row] = await this.session.query(CLAIM, [this.work.runId, table]);
      if (row) return { table, ordinal: integer(row[0]), range: document(row[1]) as KeyRange };
    }
    return null;
  }

  /** A chunk that another lane held when its table was passed, and has given back since. */
  async #claimAny(): Promise<ClaimedChunk | null> {
    const [row] = await this.session.query(CLAIM_ANY, [this.work.runId, this.#tables]);
    return row ? { table: row[0] ?? '', ordinal: integer(row[1]), range: document(row[2]) as KeyRange } : null;
  }
}
