import { MigrationError } from '../../../domain/errors';
import type { ControlStore, RunState } from '../../engine';
import type { PostgresSession } from '../connection';
import { integer, text } from './decode';
import { raiseEpoch } from './lanes';
import { ensureControlSchema } from './schema';

type Runs = Pick<ControlStore, 'openRun' | 'raiseEpoch' | 'transition' | 'runState' | 'fingerprint'>;

/** The run's row: its epoch, its state, and the schema it was planned from. */
export function createRuns(session: PostgresSession): Runs {
  const column = async (runId: string, name: 'state' | 'fingerprint'): Promise<string | null> => {
    const [row] = await session.query(`select ${name} from temporal_migrate.runs where run_id = $1`, [runId]);
    return row === undefined ? null : text(row[0]);
  };
  return {
    async openRun({ runId, workflowId, sourceName, targetName, fingerprint }) {
      await ensureControlSchema(session);
      // An attempt that came before may have opened the run already: its row stays, and what it has proved with it.
      await session.query(
        `insert into temporal_migrate.runs (run_id, workflow_id, source_name, target_name, fingerprint)
         values ($1, $2, $3, $4, $5) on conflict (run_id) do nothing`,
        [runId, workflowId, sourceName, targetName, fingerprint],
      );
      const known = await column(runId, 'fingerprint');
      if (known !== fingerprint) {
        throw new MigrationError('PLAN_CHANGED', 'the source schema changed while it was assessed: start again when it rests');
      }
      const [row] = await session.query(`select epoch from temporal_migrate.runs where run_id = $1`, [runId]);
      return integer(row?.[0]);
    },
    raiseEpoch: (runId) => raiseEpoch(session, runId),
    async transition(runId, from, to) {
      const changed = await session.query(
        `update temporal_migrate.runs set state = $3 where run_id = $1 and state = any($2::text[]) returning state`,
        [runId, from, to],
      );
      return changed.length > 0;
    },
    runState: async (runId) => (await column(runId, 'state')) as RunState | null,
    fingerprint: (runId) => column(runId, 'fingerprint'),
  };
}
