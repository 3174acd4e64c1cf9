import type { KeyRange } from '../../../domain/keys';
import type { Position } from '../../../domain/position';
import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, integer, text } from './decode';
import { insertRows } from './insertRows';

type Chunks = Pick<
  ControlStore,
  'saveChunks' | 'addChunks' | 'hasChunks' | 'loadChunks' | 'loadReadAt' | 'forgetCopy' | 'copyProgress' | 'tellInHand'
>;

const INSERT = `insert into temporal_migrate.chunks (run_id, table_name, ordinal, key_range)`;

/**
 * What lanes have in hand counts beside what is committed, as of one snapshot: so a chunk's rows are its own once it is
 * done, and its lane's only before. A chunk that changed lanes counts once, whatever the lane before said last.
 */
const PROGRESS = `
  with hand as (
    select table_name, ordinal, max(rows) as rows, max(bytes) as bytes
    from temporal_migrate.in_hand
    join temporal_migrate.lanes using (run_id, lane, backend_pid, backend_start)
    join pg_catalog.pg_stat_activity on pid = backend_pid and pg_stat_activity.backend_start = lanes.backend_start
    where run_id = $1 group by table_name, ordinal)
  select table_name, coalesce(sum(coalesce(chunks.rows, hand.rows)), 0),
    coalesce(sum(coalesce(chunks.bytes, hand.bytes)), 0), count(chunks.rows), count(*)
  from temporal_migrate.chunks left join hand using (table_name, ordinal)
  where run_id = $1 group by table_name`;

/** The lane's row is locked, so that an attempt that takes the lane just now is either seen or waits. */
const TELL = `
  insert into temporal_migrate.in_hand (run_id, lane, backend_pid, backend_start, table_name, ordinal, rows, bytes)
  select run_id, lane, backend_pid, backend_start, $5, $6, $7, $8 from temporal_migrate.lanes
  where run_id = $1 and lane = $2 and backend_pid = $3 and backend_start = $4 for key share
  on conflict (run_id, lane) do update set backend_pid = excluded.backend_pid, backend_start = excluded.backend_start,
    table_name = excluded.table_name, ordinal = excluded.ordinal, rows = excluded.rows, bytes = excluded.bytes`;

/** The key ranges each table is copied in, and which of them are there: a chunk's `rows` are set when it is done. */
export function chunkStore(session: PostgresSession): Chunks {
  const hasChunks = async (runId: string, table: string): Promise<boolean> => {
    const rows = await session.query(
      `select 1 from temporal_migrate.chunks where run_id = $1 and table_name = $2 limit 1`,
      [runId, table],
    );
    return rows.length > 0;
  };
  return {
    hasChunks,
    async saveChunks(runId, table, ranges) {
      await session.transaction(async () => {
        // Attempts that computed bounds at once must not mix them: the second one waits, and then sees the first one's.
        await session.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [JSON.stringify([runId, table])]);
        if (await hasChunks(runId, table)) return;
        await insertRows(
          session,
          INSERT,
          ranges.map((range, ordinal) => [runId, table, ordinal, JSON.stringify(range)]),
        );
      });
    },
    async addChunks(runId, table, ranges) {
      const [row] = await session.query(
        `select coalesce(max(ordinal) + 1, 0) from temporal_migrate.chunks where run_id = $1 and table_name = $2`,
        [runId, table],
      );
      const first = integer(row?.[0]);
      await insertRows(
        session,
        INSERT,
        ranges.map((range, index) => [runId, table, first + index, JSON.stringify(range)]),
      );
    },
    async forgetCopy(runId) {
      for (const table of ['chunks', 'read_at', 'in_hand', 'rejected_rows', 'verified'])
        await session.query(`delete from temporal_migrate.${table} where run_id = $1`, [runId]);
    },
    async loadChunks(runId, table) {
      const rows = await session.query(
        `select ordinal, key_range, rows from temporal_migrate.chunks where run_id = $1 and table_name = $2 order by ordinal`,
        [runId, table],
      );
      return rows.map(([ordinal, range, done]) => ({
        ordinal: integer(ordinal),
        range: document(range) as KeyRange,
        rows: done === null ? null : integer(done),
      }));
    },
    async loadReadAt(runId) {
      const rows = await session.query(`select table_name, position from temporal_migrate.read_at where run_id = $1`, [
        runId,
      ]);
      return new Map(rows.map(([table, position]) => [text(table), document(position) as Position]));
    },
    async copyProgress(runId) {
      const rows = await session.query(PROGRESS, [runId]);
      return rows.map(([table, copied, bytes, chunksDone, chunks]) => ({
        table: text(table),
        rows: integer(copied),
        bytes: integer(bytes),
        chunksDone: integer(chunksDone),
        chunks: integer(chunks),
      }));
    },
    async tellInHand({ runId, lane, pid, start }, { table, ordinal, rows, bytes }) {
      await session.query(TELL, [runId, lane, pid, start, table, ordinal, rows, bytes]);
    },
  };
}

/** Keeps the position at which a table was read, in the transaction that commits its one chunk; a later read replaces it. */
export async function saveReadAt(
  session: PostgresSession,
  runId: string,
  table: string,
  position: Position,
): Promise<void> {
  await session.query(
    `insert into temporal_migrate.read_at (run_id, table_name, position) values ($1, $2, $3)
     on conflict (run_id, table_name) do update set position = excluded.position`,
    [runId, table, JSON.stringify(position)],
  );
}
