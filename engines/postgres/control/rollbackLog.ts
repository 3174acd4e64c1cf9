import type { Position } from '../../../domain/position';
import type { ControlStore, NotedPosition, UndoByHand } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, text } from './decode';
import type { UndoneBy } from './made';

/** The rollback log's entries of what is changed elsewhere than on the target, and where the source's log stood. */
export function rollbackLogStore(
  session: PostgresSession,
): Pick<ControlStore, 'logSwitch' | 'noteSwitchedBack' | 'notePosition' | 'loadPositions'> {
  return {
    logSwitch: (runId, step) => enterOnce(session, runId, 'switch', step),

    noteSwitchedBack: (runId) => markPlaceUndone(session, runId, 'switch', 'switch back'),

    async notePosition(runId, moment, position) {
      await session.query(
        `insert into temporal_migrate.positions (run_id, moment, position) values ($1, $2, $3)
         on conflict (run_id, moment) do update set position = excluded.position, noted_at = excluded.noted_at`,
        [runId, moment, JSON.stringify(position)],
      );
    },

    async loadPositions(runId) {
      const rows = await session.query(
        `select moment, position, to_char(noted_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') from temporal_migrate.positions
         where run_id = $1 order by noted_at`,
        [runId],
      );
      return rows.map(([moment, position, at]) => ({
        moment: text(moment) as NotedPosition['moment'],
        position: document(position) as Position,
        at: text(at),
      }));
    },
  };
}

/** Enters a change before it is made, unless an attempt before this one has entered it. */
export async function enterOnce(
  session: PostgresSession,
  runId: string,
  place: 'source' | 'switch',
  { kind, name, undo }: UndoByHand,
): Promise<void> {
  await session.query(
    `insert into temporal_migrate.rollback_log (run_id, place, kind, name, undo)
     select $1, $2, $3, $4, $5 where not exists (
       select from temporal_migrate.rollback_log
       where run_id = $1 and place = $2 and kind = $3 and name = $4 and undo = $5 and undone_at is null)`,
    [runId, place, kind, name, undo],
  );
}

/** Every open entry of a run at this place is undone. */
export async function markPlaceUndone(
  session: PostgresSession,
  runId: string,
  place: 'source' | 'switch',
  by: UndoneBy,
): Promise<void> {
  await session.query(
    `update temporal_migrate.rollback_log set undone_at = clock_timestamp(), undone_by = $3
     where run_id = $1 and place = $2 and undone_at is null`,
    [runId, place, by],
  );
}
