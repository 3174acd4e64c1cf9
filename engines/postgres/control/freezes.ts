import type { ControlStore, FreezeRecord } from '../../engine';
import type { PostgresSession, TextRow } from '../connection';
import { document, integer, text } from './decode';
import { hasControlSchema } from './schema';

type Freezes = Pick<ControlStore, 'saveFreeze' | 'loadFreeze' | 'clearFreeze' | 'overdueFreezes'>;

const COLUMNS = 'run_id, freezes.source_name, found, deadline';

/** What a freeze of the source has to put back, kept where a worker that starts can find it. */
export function createFreezes(session: PostgresSession): Freezes {
  return {
    async saveFreeze({ runId, sourceName, found, deadline }) {
      await session.query(
        `insert into temporal_migrate.freezes (run_id, source_name, found, deadline) values ($1, $2, $3, $4)
         on conflict (run_id) do nothing`,
        [runId, sourceName, JSON.stringify(found), deadline],
      );
    },
    async loadFreeze(runId) {
      const [row] = await session.query(`select ${COLUMNS} from temporal_migrate.freezes where run_id = $1`, [runId]);
      return row === undefined ? null : recordOf(row);
    },
    async clearFreeze(runId) {
      await session.query(`delete from temporal_migrate.freezes where run_id = $1`, [runId]);
    },
    async overdueFreezes() {
      if (!(await hasControlSchema(session))) return [];
      const rows = await session.query(
        `select ${COLUMNS} from temporal_migrate.freezes join temporal_migrate.runs using (run_id)
         where state in ('open', 'frozen') and deadline < extract(epoch from clock_timestamp()) * 1000`,
      );
      return rows.map(recordOf);
    },
  };
}

function recordOf([runId, sourceName, found, deadline]: TextRow): FreezeRecord {
  return {
    runId: text(runId),
    sourceName: text(sourceName),
    found: document(found) as FreezeRecord['found'],
    deadline: deadline === null || deadline === undefined ? null : integer(deadline),
  };
}
