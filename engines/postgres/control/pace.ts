import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { integer, text } from './decode';

type PaceStore = Pick<ControlStore, 'setPace' | 'readPace'>;

/** How fast the copy may go, told to lanes that are already at work. */
export function paceStore(session: PostgresSession): PaceStore {
  return {
    async setPace(runId, { rowsPerSecond, paused }) {
      await session.query(`update temporal_migrate.runs set rows_per_second = $2, paused = $3 where run_id = $1`, [
        runId,
        rowsPerSecond,
        paused,
      ]);
    },
    async readPace(runId) {
      const [row] = await session.query(
        `select rows_per_second, paused,
           (select count(*) from temporal_migrate.lanes
            join pg_catalog.pg_stat_activity on pid = backend_pid and pg_stat_activity.backend_start = lanes.backend_start
            where lanes.run_id = runs.run_id and lane like 'copy/%')
         from temporal_migrate.runs where run_id = $1`,
        [runId],
      );
      return {
        rowsPerSecond: Number(text(row?.[0])),
        paused: text(row?.[1]) === 't',
        lanes: Math.max(1, integer(row?.[2])),
      };
    },
  };
}
