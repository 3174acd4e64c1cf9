import { cascadeRules } from '../../../domain/cascades';
import type { DatabaseSettings } from '../../../domain/connection';
import { assert, MigrationError } from '../../../domain/errors';
import { keyPlaces } from '../../../domain/rowKey';
import {
  RejectedChange,
  RejectedValue,
  type AppliedPosition,
  type AppliedTable,
  type ChangeApplier,
  type ChangeBatch,
  type KeptRow,
  type RunWork,
  type StreamOrders,
  type TableChanges,
} from '../../engine';
import { connect, type PostgresSession } from '../connection';
import { closeLane, fence, takeLane } from '../control/lanes';
import { findVacated, moveStream, readOrders, saveVacated, streamStore, type StreamKey } from '../control/streams';
import { BufferPool, CopyWriter } from '../writer';
import { AppliedColumns, givenRows, matchesGiven } from './appliedTables';
import { Cascades } from './cascades';
import { keyArrays, type KeyColumn } from './keyArrays';
import { openWholeRows, removeWholeRows, type WholeRows } from './wholeRows';

/** Who holds a lock on a table for longer makes the batch one to try again, rather than one that hangs. */
const LOCK_TIMEOUT_MS = 60_000;

/** Rows are found by their keys: a plan that reads a whole table would follow from statistics that are not there yet. */
const BY_KEY = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']
  .map((setting) => `set_config('${setting}', 'off', false)`)
  .join(', ');

/**
 * Opens the target's end of a stream on a connection of its own, once an earlier attempt has no server process any more.
 * The lane of the work is the stream's name.
 */
export async function openApplier(
  settings: DatabaseSettings,
  work: RunWork,
  tables: readonly AppliedTable[],
): Promise<ChangeApplier> {
  const session = await connect(settings);
  try {
    await takeLane(session, work);
    await session.query(`select ${BY_KEY}`);
    const columns: AppliedColumns[] = [];
    for (const table of tables) columns.push(await AppliedColumns.read(session, table));
    const applier = new PostgresApplier(session, work, tables, columns);
    await applier.prepare();
    return applier;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** How the rows of one table are removed, and written. */
interface TableStatements {
  readonly gone: RowsByKey | WholeRows;
  readonly writer: CopyWriter;
}

/** How rows are removed by key. */
interface RowsByKey {
  readonly key: readonly KeyColumn[];
  readonly remove: string;
}

/**
 * Applies a batch with two statements a table: it removes every row whose key the batch touches, then copies the rows
 * that there are in the end; of a table without a key it removes and copies the rows by which the batch differs. So no unique index meets a state between two source transactions.
 */
class PostgresApplier implements ChangeApplier {
  private readonly cascades: Cascades;
  private readonly buffers = new BufferPool();
  private readonly statements = new Map<number, TableStatements>();
  private written = 0;

  constructor(
    private readonly session: PostgresSession,
    private readonly work: RunWork,
    private readonly tables: readonly AppliedTable[],
    private readonly columns: readonly AppliedColumns[],
  ) {
    const rules = cascadeRules(tables.map(({ plan }) => plan.table));
    this.cascades = new Cascades(session, columns, rules);
  }

  /** What tables without a key need before anything is applied. */
  async prepare(): Promise<void> {
    for (const [place, table] of this.tables.entries()) {
      if (table.plan.table.chunkKey !== null) continue;
      const gone = await openWholeRows(this.session, this.work, table, place, this.buffers, this.onWritten);
      this.statements.set(place, { gone, writer: this.writerOf(table) });
    }
  }

  async applied(): Promise<AppliedPosition> {
    const { runId, stream } = this.key;
    const state = await streamStore(this.session).loadStream(runId, stream);
    if (state === null) throw new MigrationError('INTERNAL', `stream ${stream} of run ${runId} has not begun`);
    return state.applied;
  }

  orders(): Promise<StreamOrders> {
    return readOrders(this.session, this.key);
  }

  vacated(names: readonly string[]): Promise<ReadonlySet<string>> {
    return findVacated(this.session, this.key, names);
  }

  async apply(batch: ChangeBatch): Promise<StreamOrders> {
    return this.session.transaction(
      async () => {
        await fence(this.session, this.work);
        const orders = await moveStream(this.session, this.key, batch);
        for (const { tables, cascade } of batch.steps) {
          await this.change(tables);
          if (cascade !== null) await this.cascades.apply(cascade);
        }
        await saveVacated(this.session, this.key, batch.vacated);
        if (batch.refreshed !== null) await this.change(batch.refreshed.tables);
        return orders;
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeLane(this.session, this.work);
  }

  private get key(): StreamKey {
    return { runId: this.work.runId, stream: this.work.lane };
  }

  private async change(tables: readonly TableChanges[]): Promise<void> {
    for (const changes of tables) {
      await this.remove(changes);
      await this.write(changes);
    }
  }

  private async remove({ table, gone: rows }: TableChanges): Promise<void> {
    if (rows.length === 0) return;
    const { gone } = this.statementsOf(table);
    if ('writer' in gone) {
      await this.session.query(gone.stage);
      await this.copy(gone.writer, table, rows);
      await removeWholeRows(this.session, gone, this.tableAt(table).plan.table, rows);
      return;
    }
    let arrays: Buffer[];
    try {
      arrays = keyArrays(gone.key, rows);
    } catch (error) {
      // What cannot be written can never have been stored: whoever sends such a key has been refused before.
      throw error instanceof RejectedValue ? new RejectedChange(error, table, rows[0] as KeptRow) : error;
    }
    await this.session.query(gone.remove, arrays);
  }

  private async write({ table, rows }: TableChanges): Promise<void> {
    if (rows.length > 0) await this.copy(this.statementsOf(table).writer, table, rows);
  }

  private async copy(writer: CopyWriter, table: number, rows: readonly KeptRow[]): Promise<void> {
    await writer.begin();
    try {
      for (const row of rows) {
        writeRow(writer, table, row);
        const pressure = writer.pressure();
        if (pressure !== null) await pressure;
      }
      await writer.end();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    assert(this.written === rows.length, 'the server takes every row that is written');
  }

  private readonly onWritten = (rows: number): void => {
    this.written = rows;
  };

  private writerOf({ plan, formats }: AppliedTable): CopyWriter {
    return new CopyWriter(this.session, this.buffers, plan, formats, this.onWritten);
  }

  private tableAt(place: number): AppliedTable {
    const table = this.tables[place];
    assert(table, 'changes are of a table that the applier was opened with');
    return table;
  }

  private statementsOf(place: number): TableStatements {
    let statements = this.statements.get(place);
    if (statements === undefined) {
      const [table, columns] = [this.tableAt(place), this.columns[place]];
      assert(columns, 'the columns of every table are read when the applier is opened');
      statements = { gone: byKey(table, columns), writer: this.writerOf(table) };
      this.statements.set(place, statements);
    }
    return statements;
  }
}

function byKey({ plan: { table } }: AppliedTable, columns: AppliedColumns): RowsByKey {
  const places = keyPlaces(table);
  assert(places.length > 0, `a table whose changes are applied by key has one: ${table.source.name}`);
  const names = places.map((column) => `held.${columns.columnName(column)}`);
  return {
    // The rows that are given have the cells of the key alone.
    key: columns.key(
      places,
      places.map((_, index) => index),
    ),
    remove: `delete from ${columns.name} as held using ${givenRows(columns.arrayTypes(places))}
      where ${matchesGiven(names)}`,
  };
}

function writeRow(writer: CopyWriter, table: number, row: KeptRow): void {
  try {
    writer.row(row.bytes, row.cells);
  } catch (error) {
    throw error instanceof RejectedValue ? new RejectedChange(error, table, row) : error;
  }
}
