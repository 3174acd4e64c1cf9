import type { CommitAnswer, CommitRequest, RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import { FORWARD } from '../domain/liveMessages';
import type { RunState } from '../engines/engine';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/** The one decision of a cutover: a compare-and-set of the run's row on the target. */
export function cutoverActivities(environment: WorkerEnvironment) {
  return {
    commitCutover: activity(async (_self, { run, epoch, freeze }: CommitRequest): Promise<CommitAnswer> =>
      withBoth(environment, run, async (source, target) => {
        if ((await target.control.runState(run.runId)) === 'committed') return { horizon: null };
        if (freeze !== null) await source.checkFrozen(freeze);
        faultPoint('commit.checked');
        const horizon = await target.watch.horizon();
        if (!(await target.control.transition(run.runId, ['frozen'], 'committed', epoch))) {
          throw new MigrationError('EPOCH_STALE', `the cutover of run ${run.runId} has been sent back`);
        }
        faultPoint('commit.decided');
        return { horizon };
      }),
    ),
    abortCutover: activity(
      async (_self, run: RunReference): Promise<{ committed: boolean; epoch: number }> =>
        withTarget(environment, run, async ({ control }) => {
          await control.transition(run.runId, ['frozen'], 'open');
          if ((await control.runState(run.runId)) === 'committed') return { committed: true, epoch: 0 };
          // A stream that was told to end goes on, once what the cutover has made is out of its way.
          await control.orderStop(run.runId, FORWARD, null);
          return { committed: false, epoch: await control.raiseEpoch(run.runId) };
        }),
      { persistent: true },
    ),
    closeRun: activity(
      async (
        _self,
        run: RunReference,
        state: Extract<RunState, 'aborted' | 'rolledBack' | 'accepted'>,
      ): Promise<void> =>
        withTarget(environment, run, async ({ control }) => {
          // A migration that ends before its run was noted has nothing to close.
          if ((await control.runState(run.runId)) === null) return;
          await control.transition(
            run.runId,
            state === 'aborted' ? ['open', 'frozen', state] : ['committed', state],
            state,
          );
        }),
      { persistent: true },
    ),
  };
}
