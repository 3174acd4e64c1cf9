import type { ControlStore, FreezeRecord } from '../../engine';
import type { PostgresSession, TextRow } from '../connection';
import { document, integer, text } from './decode';
import { enterOnce, markPlaceUndone } from './rollbackLog';
import { hasControlSchema } from './schema';

const COLUMNS = 'freezes.run_id, freezes.source_name, freezes.found, freezes.deadline';

export function freezeStore(
  session: PostgresSession,
): Pick<ControlStore, 'saveFreeze' | 'loadFreeze' | 'clearFreeze' | 'overdueFreezes'> {
  return {
    async saveFreeze({ runId, sourceName, found, deadline }, undo) {
      await session.transaction(async () => {
        await session.query(
          `insert into temporal_migrate.freezes (run_id, source_name, found, deadline) values ($1, $2, $3, $4)
         on conflict (run_id) do update
         set source_name = excluded.source_name, found = excluded.found, deadline = excluded.deadline`,
          [runId, sourceName, JSON.stringify(found), deadline],
        );
        for (const entry of undo) await enterOnce(session, runId, 'source', entry);
      });
    },

    async loadFreeze(runId) {
      const [row] = await session.query(`select ${COLUMNS} from temporal_migrate.freezes where run_id = $1`, [runId]);
      return row ? decode(row) : null;
    },

    async clearFreeze(runId, by) {
      await session.transaction(async () => {
        await session.query(`delete from temporal_migrate.freezes where run_id = $1`, [runId]);
        await markPlaceUndone(session, runId, 'source', by);
      });
    },

    async overdueFreezes() {
      if (!(await hasControlSchema(session))) return [];
      const rows = await session.query(
        `select ${COLUMNS} from temporal_migrate.freezes join temporal_migrate.runs using (run_id)
         where runs.state in ('open', 'frozen', 'aborted') and deadline < extract(epoch from clock_timestamp()) * 1000
         order by deadline`,
      );
      return rows.map(decode);
    },
  };
}

function decode([runId, sourceName, found, deadline]: TextRow): FreezeRecord {
  return {
    runId: text(runId),
    sourceName: text(sourceName),
    found: document(found) as FreezeRecord['found'],
    deadline: deadline === null ? null : integer(deadline),
  };
}
