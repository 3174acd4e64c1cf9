import { MigrationError } from '../../../domain/errors';
import type { RowKey } from '../../../domain/rowKey';
import type { ClaimedChunk, ControlStore, RejectedRow, Rejections } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, integer, text } from './decode';
import { insertRows } from './insertRows';

type Rejected = Pick<ControlStore, 'rejectedCounts' | 'rejectedKeys'>;

/** The rows that the target could not hold. */
export function rejectedStore(session: PostgresSession): Rejected {
  return {
    async rejectedCounts(runId) {
      const rows = await session.query(
        `select distinct on (table_name) table_name, count(*) over (partition by table_name), key, column_name, reason, row
         from temporal_migrate.rejected_rows where run_id = $1 order by table_name, ordinal, place`,
        [runId],
      );
      return rows.map(([table, count, key, column, reason, row]) => ({
        table: text(table),
        rows: integer(count),
        example: {
          key: document(key) as RowKey | null,
          column: text(column),
          reason: text(reason),
          row: document(row) as RejectedRow['row'],
        },
      }));
    },
    async rejectedKeys(runId, table) {
      const rows = await session.query(
        `select key from temporal_migrate.rejected_rows where run_id = $1 and table_name = $2`,
        [runId, table],
      );
      return rows.map(([key]) => document(key) as RowKey | null);
    },
  };
}

/** Keeps a chunk's rejected rows, within its transaction. Errors: ROW_REJECTED when the run has more than the limit. */
export async function saveRejected(
  session: PostgresSession,
  runId: string,
  { table, ordinal }: ClaimedChunk,
  { rows, limit }: Rejections,
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  // Lanes that reject rows at once take turns, or each would count without the other's.
  await session.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`rejected ${runId}`]);
  await insertRows(
    session,
    `insert into temporal_migrate.rejected_rows (run_id, table_name, ordinal, place, key, column_name, reason, row)`,
    rows.map(({ key, column, reason, row }, place) => [
      runId,
      table,
      ordinal,
      place,
      JSON.stringify(key),
      column,
      reason,
      JSON.stringify(row),
    ]),
  );
  const [counted] = await session.query(`select count(*) from temporal_migrate.rejected_rows where run_id = $1`, [
    runId,
  ]);
  const rejected = integer(counted?.[0]);
  if (rejected > limit) {
    const told = `${rejected} rows are rejected, and rejectedRows.limit is ${limit}`;
    throw new MigrationError(
      'ROW_REJECTED',
      `${told}; one of them is in table ${table}, column ${first.column}, key ${JSON.stringify(first.key)}: ${first.reason}`,
      { details: { table, column: first.column, key: first.key ?? [], reason: first.reason } },
    );
  }
}
