import type { KeyRange } from '../../../domain/keys';
import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, integer, text } from './decode';
import { insertRows } from './insertRows';

type Chunks = Pick<
  ControlStore,
  'saveChunks' | 'addChunks' | 'hasChunks' | 'loadChunks' | 'forgetCopy' | 'copyProgress'
>;

const INSERT = `insert into temporal_migrate.chunks (run_id, table_name, ordinal, key_range)`;

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
      for (const table of ['chunks', 'rejected_rows', 'verified'])
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
    async copyProgress(runId) {
      const rows = await session.query(
        `select table_name, coalesce(sum(rows), 0), coalesce(sum(bytes), 0), count(rows), count(*)
         from temporal_migrate.chunks where run_id = $1 group by table_name`,
        [runId],
      );
      return rows.map(([table, copied, bytes, chunksDone, chunks]) => ({
        table: text(table),
        rows: integer(copied),
        bytes: integer(bytes),
        chunksDone: integer(chunksDone),
        chunks: integer(chunks),
      }));
    },
  };
}
