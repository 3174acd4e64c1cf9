import type { PlannedTable } from '../../../domain/plan';
import { MigrationError } from '../../../domain/errors';
import type { AppliedTable, KeptRow, RunWork } from '../../engine';
import type { PostgresSession } from '../connection';
import { integer, text } from '../control/decode';
import { fence } from '../control/lanes';
import { createMadeLog, STREAM_INDEX } from '../control/made';
import { quoteName, quoteQualified } from '../quote';
import { CopyWriter, type BufferPool } from '../writer';

/** Types that have no hash of their own; their text is hashed. */
const UNHASHED = /^(?:json|bit)(?!\w)/u;
/** Who holds a lock on the table for longer makes the index one to try again. */
const LOCK_TIMEOUT_MS = 60_000;

/** What a row of a table without a key is found by: a hash to look it up, and what the row holds to be sure. */
export interface WholeRows {
  /** Makes the table of the session's own that takes the rows, unless it is there; it is empty when a batch begins. */
  readonly stage: string;
  /** Writes into it; `written` hears how many. */
  readonly writer: CopyWriter;
  /** Removes a stored row for each that was taken; answers how many. */
  readonly remove: string;
}

/**
 * Makes what rows of a table without a key are found by: an index on a hash, for as long as the stream goes on. Two rows are the same when what the server sends of them is,
 * byte by byte: so NULL is NULL, -0 is not 0, and no type need know what equal means.
 */
export async function openWholeRows(
  session: PostgresSession,
  work: RunWork,
  { plan, formats }: AppliedTable,
  place: number,
  buffers: BufferPool,
  written: (rows: number) => void,
): Promise<WholeRows> {
  const { table } = plan;
  const hash = await hashOf(session, work, table, plan.ddl.nativeTypes);
  const name = quoteQualified(table.targetSchema, table.targetName);
  const staged = { schema: 'pg_temp', name: `temporal_migrate_gone_${place}` };
  const stagedPlan = { ...plan, table: { ...table, targetSchema: staged.schema, targetName: staged.name } };
  return {
    stage: `create temporary table if not exists ${quoteName(staged.name)} (like ${name}) on commit delete rows`,
    writer: new CopyWriter(session, buffers, stagedPlan, formats, written),
    remove: `
      with taken as (delete from ${quoteQualified(staged.schema, staged.name)} returning *),
      given as materialized (
        select ${hash} as hash, ${contentOf(table, 'taken')} as content, count(*) as copies from taken group by 1, 2),
      found as (
        select held.place from given cross join lateral (
          select stored.ctid as place from ${name} as stored
          where ${hash} = given.hash and ${contentOf(table, 'stored')} = given.content limit given.copies) as held),
      gone as (delete from ${name} where ctid = any (array(select place from found)) returning 1)
      select count(*) from gone`,
  };
}

/** Errors: ROW_MISSING unless as many rows went as were to. */
export async function removeWholeRows(
  session: PostgresSession,
  { remove }: WholeRows,
  { source, targetName }: PlannedTable,
  rows: readonly KeptRow[],
): Promise<void> {
  const [counted] = await session.query(remove);
  const missing = rows.length - integer(counted?.[0]);
  if (missing === 0) return;
  throw new MigrationError(
    'ROW_MISSING',
    `${missing} of ${rows.length} rows that ${source.name} has no more are not in ${targetName} of the target, though they must be: somebody else has changed it, or the copy is not what was read`,
    { details: { table: source.name, missing } },
  );
}

function contentOf({ columns }: PlannedTable, of: string): string {
  return `record_send(row(${columns.map(({ targetName }) => `${of}.${quoteName(targetName)}`).join(', ')}))`;
}

/** The hash that the table's index is on, as the server spells it; the index is made unless it is there. */
async function hashOf(
  session: PostgresSession,
  work: RunWork,
  table: PlannedTable,
  nativeTypes: readonly string[],
): Promise<string> {
  const { targetSchema: schema, targetName } = table;
  const [row] = await session.query('select to_regclass($1)::oid', [quoteQualified(schema, targetName)]);
  const name = `temporal_migrate_rows_${text(row?.[0])}`;
  const relation = quoteQualified(schema, name);
  const columns = table.columns.map(({ targetName: column }, place) =>
    UNHASHED.test(nativeTypes[place] ?? '') ? `(${quoteName(column)})::text` : quoteName(column),
  );
  const read = async (): Promise<string | null> => {
    const [found] = await session.query(
      'select pg_get_expr(indexprs, indrelid) from pg_catalog.pg_index where indexrelid = to_regclass($1)',
      [relation],
    );
    return found?.[0] ?? null;
  };
  const known = await read();
  if (known !== null) return known;
  const made = createMadeLog(session);
  await session.transaction(
    async () => {
      await fence(session, work);
      // It goes with a column that it is on.
      for (const { id } of await made.list(work.runId, [name])) {
        await made.markUndone(work.runId, id, 'found missing, made again');
      }
      await session.query(
        `create index ${quoteName(name)} on ${quoteQualified(schema, targetName)}
         (hash_record_extended(row(${columns.join(', ')}), 0))`,
      );
      await made.record(work.runId, { kind: STREAM_INDEX, schema, name, undo: `DROP INDEX IF EXISTS ${relation}` });
    },
    { lockTimeoutMs: LOCK_TIMEOUT_MS },
  );
  return text(await read());
}
