import type { FreezeRequest, RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { FreezeState } from '../domain/freeze';
import type { ControlStore, Source } from '../engines/engine';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { openSource, withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { plannedTables, readPlanAgain } from './planAgain';

/** Stops the source's writers, and lets them write again. */
export function freezeActivities(environment: WorkerEnvironment) {
  return {
    freezeSource: activity(async (self, request: FreezeRequest): Promise<FreezeState | null> =>
      withBoth(environment, request.run, async (source, target) => {
        const { runId } = request.run;
        if (!(await target.control.transition(runId, ['open', 'frozen'], 'frozen', request.epoch))) throw stale(runId);
        if (request.mode === 'none') {
          if (!request.isLive) await readPlanAgain(request, source, target);
          return null;
        }
        // Before anybody is stopped: nothing is gained by freezing what cannot be copied.
        await plannedTables(request, source, target);
        // The settings are recorded before they are changed: a crash in between must not make the freeze look found.
        const recorded = await target.control.loadFreeze(runId);
        const found = recorded?.found ?? (await source.freezeSettings(request.mode));
        if (recorded === null) {
          await target.control.saveFreeze(
            { runId, sourceName: request.run.source, found, deadline: request.deadline },
            source.unfreezeByHand(found),
          );
        }
        faultPoint('freeze.recorded');
        self.show({ waitingFor: 'open transactions of the source' });
        const state = await source.freeze(request.patienceMs, found);
        faultPoint('freeze.frozen');
        await giveBackUnlessOurs(request, found, source, target.control);
        await target.control.notePosition(runId, 'freeze', state.position);
        // A live migration has this to do beside the end of its stream: the application waits.
        if (!request.isLive) await readPlanAgain(request, source, target);
        return state;
      }),
    ),
    unfreezeSource: activity(
      async (_self, run: RunReference, when: 'open' | 'committed'): Promise<void> =>
        withTarget(environment, run, async ({ control }) => {
          const record = await control.loadFreeze(run.runId);
          if (record === null) return;
          // An attempt that slept on must not undo the freeze of a later cutover.
          if ((await control.runState(run.runId)) !== when) throw stale(run.runId);
          await using source = await openSource(environment, run.source);
          await source.unfreeze(record.found);
          await control.clearFreeze(run.runId, 'unfreeze the source');
        }),
      { persistent: true },
    ),
  };
}

/** An attempt that slept through the undo of its cutover must not leave the source frozen behind. */
async function giveBackUnlessOurs(
  { run, epoch }: FreezeRequest,
  found: FreezeState['found'],
  source: Source,
  control: ControlStore,
): Promise<void> {
  if (await control.transition(run.runId, ['frozen'], 'frozen', epoch)) return;
  const state = await control.runState(run.runId);
  // A later attempt's freeze is that attempt's to undo, and a live target's is nobody's.
  if (state !== 'frozen' && state !== 'committed' && state !== 'accepted') await source.unfreeze(found);
  throw stale(run.runId);
}

function stale(runId: string): MigrationError {
  return new MigrationError('EPOCH_STALE', `run ${runId} has gone on without this attempt`);
}
