import type { DatabaseSettings } from '../../../domain/connection';
import { assert, MigrationError } from '../../../domain/errors';
import {
  RejectedChange,
  type AppliedPosition,
  type AppliedTable,
  type ChangeApplier,
  type ChangeBatch,
  type RunWork,
  type StreamOrders,
  type TableChanges,
} from '../../engine';
import { COMMAND_ROOM } from '../command';
import { openSession } from '../connection';
import { errorNumber } from '../errors';
import type { Session } from '../session';
import { moveStream, raiseEpoch, readApplied, readOrders, type StreamKey } from './control';
import { takeLane } from './lane';
import { Statement } from './statement';
import { readStoredTables, refuseObstacle, type StoredTable } from './storedTable';
import { TableWriter } from './tableWriter';
import { readDialect } from './readDialect';
import type { Dialect } from './values';

/** Who holds a lock for longer makes the batch one to try again, rather than one that hangs. */
const LOCK_WAIT_SECONDS = 60;
/** The server says so of a write while it is read-only for this user. */
const READ_ONLY = [1290, 1792, 1836];

/**
 * Opens the source's end of a stream on a connection of its own, once an earlier attempt has none any more. The lane of
 * the work is the stream's name.
 */
export async function openApplier(
  settings: DatabaseSettings,
  work: RunWork,
  tables: readonly AppliedTable[],
): Promise<ChangeApplier> {
  const session = await openSession(settings, { writes: true });
  try {
    await session.query(pinning(session));
    await takeLane(session, { runId: work.runId, stream: work.lane });
    await raiseEpoch(session, work);
    const stored = await readStoredTables(session, tables);
    for (const [place, table] of stored.entries()) refuseObstacle(tables[place]?.plan.table.targetName ?? '', table);
    const [row] = await session.query('SELECT @@session.max_allowed_packet');
    const mostBytes = Number(row?.[0]) - COMMAND_ROOM;
    return new MysqlApplier(session, work, tables, stored, mostBytes, await readDialect(session));
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw readOnlyError(error, session.name) ?? error;
  }
}

/**
 * What is stored is what was given, or an error: strict, 0 as a number of its own, and zero dates as they are. Whatever
 * the server's own foreign keys would do is in the stream already; its unique indexes stay on guard.
 */
function pinning({ server }: Session): string {
  const variables = {
    sql_mode: "'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'",
    foreign_key_checks: 0,
    unique_checks: 1,
    // Notes are counted, too: of decimals that were cut there is no more than that.
    sql_notes: 1,
    innodb_lock_wait_timeout: LOCK_WAIT_SECONDS,
    lock_wait_timeout: LOCK_WAIT_SECONDS,
    // However many keys are looked for, each leads into the index.
    ...(server.flavour === 'mysql' ? { range_optimizer_max_mem_size: 0 } : { check_constraint_checks: 1 }),
  };
  const assignments = Object.entries(variables).map(([name, value]) => `SESSION ${name} = ${value}`);
  return `SET ${assignments.join(', ')}`;
}

/**
 * Applies a batch table by table: it removes the rows of every key that was there and the batch touches, then writes the
 * rows that there are in the end, each with every column. So no unique index meets a state between two transactions,
 * nothing is compared but keys, and no column sets itself.
 */
class MysqlApplier implements ChangeApplier {
  private readonly statement = new Statement();
  private readonly writers = new Map<number, TableWriter>();

  constructor(
    private readonly session: Session,
    private readonly work: RunWork,
    private readonly tables: readonly AppliedTable[],
    private readonly stored: readonly StoredTable[],
    private readonly mostBytes: number,
    private readonly dialect: Dialect,
  ) {}

  applied(): Promise<AppliedPosition> {
    return readApplied(this.session, this.key);
  }

  orders(): Promise<StreamOrders> {
    return readOrders(this.session, this.key);
  }

  vacated(names: readonly string[]): Promise<ReadonlySet<string>> {
    assert(names.length === 0, 'the log of a target has what its foreign keys do');
    return Promise.resolve(new Set());
  }

  async apply(batch: ChangeBatch): Promise<StreamOrders> {
    const { session } = this;
    try {
      await session.query('START TRANSACTION READ WRITE');
      await moveStream(session, this.statement, this.work, batch);
      for (const { tables, cascade } of batch.steps) {
        assert(cascade === null, 'the log of a target has what its foreign keys do');
        for (const changes of tables) await this.change(changes);
      }
      assert(batch.refreshed === null && batch.vacated.length === 0, 'nothing is read again of a target');
      const orders = await this.orders();
      await session.query('COMMIT');
      return orders;
    } catch (error) {
      await this.rollBack();
      throw readOnlyError(error, session.name) ?? error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Its lock, which keeps others from the lane, ends with the session.
    await this.session[Symbol.asyncDispose]();
  }

  private get key(): StreamKey {
    return { runId: this.work.runId, stream: this.work.lane };
  }

  /** The error that led here is what is told; a connection that is lost has rolled back by itself. */
  private async rollBack(): Promise<void> {
    await this.session.query('ROLLBACK').catch(() => undefined);
  }

  private async change({ table, gone, rows }: TableChanges): Promise<void> {
    const writer = this.writerOf(table);
    await writer.removeRows(gone);
    await writer.writeRows(rows);
  }

  private writerOf(place: number): TableWriter {
    let writer = this.writers.get(place);
    if (writer === undefined) {
      const { session, statement, mostBytes, dialect } = this;
      const [table, stored] = [this.tables[place], this.stored[place]];
      assert(table && stored, 'changes are of a table that the applier was opened with');
      writer = new TableWriter(session, statement, mostBytes, table, stored, dialect, place);
      this.writers.set(place, writer);
    }
    return writer;
  }
}

function readOnlyError(error: unknown, connection: string): MigrationError | null {
  if (error instanceof RejectedChange || !READ_ONLY.includes(errorNumber(error) ?? 0)) return null;
  return new MigrationError(
    'WAY_BACK_BLOCKED',
    `connection "${connection}": the server is read-only for this user: turn super_read_only off, and give the user the right to write past read_only`,
    { cause: error },
  );
}
