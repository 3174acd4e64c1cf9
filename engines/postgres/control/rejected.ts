import { MigrationError } from '../../../domain/errors';
import type { KeyRange } from '../../../domain/keys';
import type { RowKey } from '../../../domain/rowKey';
import type { ClaimedChunk, ControlStore, RejectedRow, Rejections, ReopenedChunk } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, integer, text } from './decode';
import { insertRows } from './insertRows';

type Rejected = Pick<ControlStore, 'rejectedCounts' | 'rejectedKeys'>;

/** The rows that the target could not hold. */
export function rejectedStore(session: PostgresSession): Rejected {
  return {
    async rejectedCounts(runId) {
      const rows = await session.query(
        `select distinct on (table_name) table_name, count(*) over (partition by table_name), key, column_name, reason, row, digest
         from temporal_migrate.rejected_rows where run_id = $1 and state = 'rejected' order by table_name, ordinal, place`,
        [runId],
      );
      return rows.map(([table, count, key, column, reason, row, digest]) => ({
        table: text(table),
        rows: integer(count),
        example: {
          key: document(key) as RowKey | null,
          column: text(column),
          reason: text(reason),
          row: document(row) as RejectedRow['row'],
          digest: text(digest),
        },
      }));
    },
    async rejectedKeys(runId, table, state) {
      const rows = await session.query(
        `select key from temporal_migrate.rejected_rows where run_id = $1 and table_name = $2 and state = $3`,
        [runId, table, state],
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
  await insertRejected(session, runId, table, ordinal, rows);
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

/** The chunk after another one, in the order of their tables' names, that has rejected rows; its row is locked. */
export async function claimRejected(
  session: PostgresSession,
  runId: string,
  tables: readonly string[],
  after: ClaimedChunk | null,
): Promise<ReopenedChunk | null> {
  const [row] = await session.query(
    `select table_name, ordinal, key_range from temporal_migrate.chunks c
     where run_id = $1 and table_name = any($2) and ($3::text is null or (table_name, ordinal) > ($3, $4::integer))
       and exists (select from temporal_migrate.rejected_rows r where r.run_id = c.run_id
                   and r.table_name = c.table_name and r.ordinal = c.ordinal and r.state = 'rejected')
     order by table_name, ordinal limit 1 for update`,
    [runId, tables, after?.table ?? null, after?.ordinal ?? null],
  );
  if (row === undefined) return null;
  const [table, ordinal] = [text(row[0]), integer(row[1])];
  const digests = await session.query(
    `select digest from temporal_migrate.rejected_rows
     where run_id = $1 and table_name = $2 and ordinal = $3 and state = 'rejected'`,
    [runId, table, ordinal],
  );
  const rejected = new Set(digests.map(([digest]) => text(digest)));
  return { table, ordinal, range: document(row[2]) as KeyRange, rejected };
}

/** Notes which of a chunk's rejected rows were copied after all, and why the others were not, in its transaction. */
export async function saveCopied(
  session: PostgresSession,
  runId: string,
  { table, ordinal }: ReopenedChunk,
  copied: ReadonlySet<string>,
  stillRejected: readonly RejectedRow[],
): Promise<void> {
  await session.query(
    `update temporal_migrate.rejected_rows set state = 'copied'
     where run_id = $1 and table_name = $2 and ordinal = $3 and state = 'rejected' and digest = any($4)`,
    [runId, table, ordinal, [...copied]],
  );
  for (const { digest, column, reason } of stillRejected) {
    await session.query(
      `update temporal_migrate.rejected_rows set column_name = $5, reason = $6
       where run_id = $1 and table_name = $2 and ordinal = $3 and digest = $4`,
      [runId, table, ordinal, digest, column, reason],
    );
  }
}

async function insertRejected(
  session: PostgresSession,
  runId: string,
  table: string,
  ordinal: number,
  rows: readonly RejectedRow[],
): Promise<void> {
  await insertRows(
    session,
    `insert into temporal_migrate.rejected_rows (run_id, table_name, ordinal, place, key, column_name, reason, row, digest)`,
    rows.map(({ key, column, reason, row, digest }, place) => [
      runId,
      table,
      ordinal,
      place,
      JSON.stringify(key),
      column,
      reason,
      JSON.stringify(row),
      digest,
    ]),
  );
}
