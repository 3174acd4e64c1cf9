import { MigrationError } from '../../../domain/errors';
import type { ControlStore, RunState } from '../../engine';
import type { PostgresSession } from '../connection';
import { integer } from './decode';
import { raiseEpoch } from './lanes';
import { ensureControlSchema } from './schema';

export function runStore(
  session: PostgresSession,
): Pick<ControlStore, 'openRun' | 'raiseEpoch' | 'transition' | 'runState' | 'fingerprint'> {
  return {
    async openRun({ runId, workflowId, sourceName, targetName, fingerprint }) {
      await ensureControlSchema(session);
      await session.query(
        `insert into temporal_migrate.runs (run_id, workflow_id, source_name, target_name, fingerprint)
         values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [runId, workflowId, sourceName, targetName, fingerprint],
      );
      const [row] = await session.query(`select epoch, fingerprint from temporal_migrate.runs where run_id = $1`, [
        runId,
      ]);
      if (row?.[1] !== fingerprint) {
        throw new MigrationError(
          'PLAN_CHANGED',
          'the source schema changed while it was assessed: start again when it rests',
        );
      }
      return integer(row[0]);
    },

    raiseEpoch: (runId) => raiseEpoch(session, runId),

    async transition(runId, from, to, epoch) {
      const moved = await session.query(
        `update temporal_migrate.runs set state = $3
         where run_id = $1 and state = any($2) and epoch = coalesce($4, epoch) returning 1`,
        [runId, from, to, epoch ?? null],
      );
      return moved.length === 1;
    },

    async runState(runId) {
      const [made] = await session.query(`select to_regclass('temporal_migrate.runs')`);
      if (made?.[0] === null) return null;
      const [row] = await session.query(`select state from temporal_migrate.runs where run_id = $1`, [runId]);
      return (row?.[0] ?? null) as RunState | null;
    },

    async fingerprint(runId) {
      const [row] = await session.query(`select fingerprint from temporal_migrate.runs where run_id = $1`, [runId]);
      return row?.[0] ?? null;
    },
  };
}
