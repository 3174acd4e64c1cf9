import type { DatabaseSettings } from '../../domain/connection';
import { MigrationError } from '../../domain/errors';
import type { TablePlan } from '../../domain/plan';
import type { RunWork, TableChange } from '../engine';
import { connect, type PostgresSession } from './connection';
import { saveFactsOf } from './control/plan';
import { closeLane, fence, takeLane } from './control/lanes';
import { createMadeLog } from './control/made';
import { moveStream } from './control/streams';
import { serverError } from './errors';
import { quoteName, quoteQualified } from './quote';

/** Who holds a lock on the table for longer makes the change one to try again. */
const LOCK_TIMEOUT_MS = 60_000;
/** Names a person in place of what a run makes. */
const PLANNED = 'temporal_migrate_planned';

/**
 * Runs a change of tables, checks that they are what is planned, stores the new plans and moves the stream behind the
 * statement of the source: in one transaction, as the stream's own attempt. The lane of the work is the stream's name.
 */
export async function changeTables(settings: DatabaseSettings, work: RunWork, change: TableChange): Promise<void> {
  const session = await connect(settings);
  try {
    await takeLane(session, work);
    await session.transaction(
      async () => {
        await fence(session, work);
        // First: whoever finds the stream moved has nothing to run any more.
        await moveStream(session, { runId: work.runId, stream: work.lane }, batchOf(change));
        await runStatements(session, work, change);
        for (const { plan } of change.tables) await checkColumns(session, plan);
        await savePlans(session, work, change);
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  } finally {
    await closeLane(session, work);
  }
}

/** A batch without changes; what was committed when the statement was is not known. */
function batchOf({ from, to }: TableChange) {
  const at = { position: to, within: 0 };
  return { from, to: at, committedAtMs: null, changes: 0, steps: [], vacated: [], refreshed: null };
}

async function runStatements(session: PostgresSession, work: RunWork, change: TableChange): Promise<void> {
  const made = createMadeLog(session);
  const schema = change.tables[0]?.plan.table.targetSchema ?? '';
  for (const { sql, type } of change.statements) {
    await session.query(sql).catch((error: unknown) => {
      throw changeError(error, sql);
    });
    if (type?.is === 'made') {
      const undo = `DROP TYPE IF EXISTS ${quoteQualified(schema, type.name)}`;
      await made.record(work.runId, { kind: 'type', schema, name: type.name, undo });
    } else if (type?.is === 'removed') {
      const entries = await made.list(work.runId, [type.name]);
      for (const { id, kind } of entries) {
        if (kind === 'type') await made.markUndone(work.runId, id, 'follow a schema change');
      }
    }
  }
}

async function savePlans(session: PostgresSession, { runId }: RunWork, change: TableChange): Promise<void> {
  for (const { plan, facts } of change.tables) {
    const { name } = plan.table.source;
    await session.query(`update temporal_migrate.plans set plan = $3 where run_id = $1 and table_name = $2`, [
      ...[runId, name, JSON.stringify(plan)],
    ]);
    if (facts !== null) await saveFactsOf(session, runId, name, facts);
    // What was compared so far was other columns.
    await session.query(`delete from temporal_migrate.verified where run_id = $1 and table_name = $2`, [runId, name]);
  }
  await session.query(`update temporal_migrate.runs set fingerprint = $2 where run_id = $1`, [
    runId,
    change.fingerprint,
  ]);
}

/** A column as the catalog has it: type with its limits, and whether it admits NULL. */
type Columns = ReadonlyMap<string, string>;

/** Errors: SCHEMA_CHANGE_FAILED unless the table has the planned columns and no others. */
async function checkColumns(session: PostgresSession, { table, ddl }: TablePlan): Promise<void> {
  const name = quoteQualified(table.targetSchema, table.targetName);
  const lines = table.columns.map(({ targetName, nullable }, place) => {
    return `${quoteName(targetName)} ${ddl.nativeTypes[place] ?? ''}${nullable ? '' : ' not null'}`;
  });
  // The server itself tells which spellings of a type are the same one.
  await session
    .query(`create temporary table ${PLANNED} (${lines.join(', ')}) on commit drop`)
    .catch((error: unknown) => {
      throw changeError(error, `a column of ${name}`);
    });
  const planned = await readColumns(session, `pg_temp.${PLANNED}`);
  await session.query(`drop table pg_temp.${PLANNED}`);
  const stored = await readColumns(session, name);
  const differences = [...new Set([...planned.keys(), ...stored.keys()])].flatMap((column) => {
    const [wanted, found] = [planned.get(column), stored.get(column)];
    if (wanted === found) return [];
    if (found === undefined) return [`it has no column ${column}, which must be ${wanted ?? ''}`];
    return [
      wanted === undefined ? `it has a column ${column} too many` : `${column} is ${found} and must be ${wanted}`,
    ];
  });
  if (differences.length === 0) return;
  throw new MigrationError(
    'SCHEMA_CHANGE_FAILED',
    `table ${name} of the target is not what ${table.source.name} has become on the source: ${differences.join('; ')}. ` +
      'Change it so, then resume',
    { details: { table: table.source.name, differences } },
  );
}

async function readColumns(session: PostgresSession, table: string): Promise<Columns> {
  const rows = await session.query(
    `select attname, format_type(atttypid, atttypmod), attnotnull from pg_catalog.pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [table],
  );
  return new Map(
    rows.map(([name, type, isNotNull]) => [name ?? '', `${type ?? ''}${isNotNull === 't' ? ' not null' : ''}`]),
  );
}

/** What the server refuses as SCHEMA_CHANGE_FAILED; what has to do with connections and locks as it is. */
function changeError(error: unknown, sql: string): unknown {
  const cause = serverError(error);
  // Classes: dependent objects, wrong values, constraints, names and types, features, objects in the wrong state.
  if (!/^(?:0A|2B|22|23|42|55000)/.test(cause?.code ?? '')) return error;
  return new MigrationError(
    'SCHEMA_CHANGE_FAILED',
    `the target refuses what follows from a schema change of the source: ${cause?.message ?? ''} (${sql})`,
    { cause: error },
  );
}
