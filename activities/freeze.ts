import type { FreezeRequest, RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { FreezeState } from '../domain/freeze';
import { selectTables } from '../domain/planning/selectTables';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { openSource, withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';

/** Makes the source read-only, and writable again. */
export function freezeActivities(environment: WorkerEnvironment) {
  return {
    freezeSource: activity(async (self, request: FreezeRequest): Promise<FreezeState | null> =>
      withBoth(environment, request.run, async (source, target) => {
        const { runId } = request.run;
        if (!(await target.control.transition(runId, ['open', 'frozen'], 'frozen'))) {
          throw new MigrationError('EPOCH_STALE', `run ${runId} is over`);
        }
        const unchanged = async (): Promise<void> => {
          const fingerprint = fingerprintOf(selectTables(await source.introspect(), request.filter));
          if (fingerprint === (await target.control.fingerprint(runId))) return;
          throw new MigrationError(
            'PLAN_CHANGED',
            'the source schema is no longer the one that was planned: start a new migration',
          );
        };
        if (request.mode === 'none') {
          await unchanged();
          return null;
        }
        // The settings are recorded before they are changed: a crash in between must not make the freeze look found.
        const recorded = await target.control.loadFreeze(runId);
        const found = recorded?.found ?? (await source.freezeSettings());
        if (recorded === null) {
          await target.control.saveFreeze({ runId, sourceName: request.run.source, found, deadline: request.deadline });
        }
        self.show({ waitingFor: 'open transactions of the source' });
        const state = await source.freeze(request.patienceMs, found);
          faultPoint('freeze.frozen');
        await unchanged();
        return state;
      }),
    ),
    unfreezeSource: activity(async (_self, run: RunReference): Promise<void> => unfreeze(environment, run), {
      persistent: true,
    }),
  };
}

async function unfreeze(environment: WorkerEnvironment, run: RunReference): Promise<void> {
  await withTarget(environment, run, async (target) => {
    const record = await target.control.loadFreeze(run.runId);
    if (record === null) return;
    await using source = await openSource(environment, run.source);
    await source.unfreeze(record.found);
    await target.control.clearFreeze(run.runId);
  });
}
