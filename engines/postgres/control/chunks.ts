import type { KeyRange } from '../../../domain/keys';
import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, integer, text } from './decode';
import { insertRows } from './insertRows';

type Chunks = Pick<ControlStore, 'saveChunks' | 'hasChunks' | 'loadChunks' | 'copyProgress'>;

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
          `insert into temporal_migrate.chunks (run_id, table_name, ordinal, key_range)`,
          ranges.map((range, ordinal) => [runId, table, ordinal, JSON.stringify(range)]),
        );
      });
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
