import type { FreezeRequest, RunReference } from '../domain/activityMessages';
import type { Table } from '../domain/catalog';
import { MigrationError } from '../domain/errors';
import type { FreezeState } from '../domain/freeze';
import type { ControlStore, Source, Target } from '../engines/engine';
import { selectTables } from '../domain/planning/selectTables';
import { listChanges, schemaChanges } from '../domain/schemaChanges';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { openSource, withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';

/** Stops the source's writers, and lets them write again. */
export function freezeActivities(environment: WorkerEnvironment) {
  return {
    freezeSource: activity(async (self, request: FreezeRequest): Promise<FreezeState | null> =>
      withBoth(environment, request.run, async (source, target) => {
        const { runId } = request.run;
        if (!(await target.control.transition(runId, ['open', 'frozen'], 'frozen', request.epoch))) throw stale(runId);
        if (request.mode === 'none') {
          await readPlanAgain(request, source, target);
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
        await readPlanAgain(request, source, target);
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

/** The source's tables as they are now, which must be as they were planned. Errors: PLAN_CHANGED. */
async function plannedTables({ run, filter }: FreezeRequest, source: Source, target: Target): Promise<Table[]> {
  const tables = selectTables(await source.introspect(), filter);
  if (fingerprintOf(tables) === (await target.control.fingerprint(run.runId))) return tables;
  const planned = (await target.control.loadPlan(run.runId, null)).map(({ table }) => table.source);
  const changes = listChanges(schemaChanges(planned, tables));
  throw new MigrationError(
    'PLAN_CHANGED',
    `the source schema is no longer the one that was planned, so what was approved is void${changes === '' ? '' : `: ${changes}`}. ` +
      'Start a new migration when the schema rests',
  );
}

/**
 * Nothing moves under the freeze: the schema must be the planned one, and the counters of automatically numbered
 * columns are as they will be handed on. Errors: PLAN_CHANGED.
 */
async function readPlanAgain(request: FreezeRequest, source: Source, target: Target): Promise<void> {
  const { run } = request;
  const tables = await plannedTables(request, source, target);
  const plans = await target.control.loadPlan(run.runId, null);
  const counted = plans.map(({ table, ddl }) => {
    const now = tables.find(({ name }) => name === table.source.name);
    const columns = table.columns.map((column) => {
      const identity = now?.columns.find(({ name }) => name === column.source.name)?.identity ?? null;
      return { ...column, source: { ...column.source, identity } };
    });
    const planned = { ...table, columns };
    return { table: planned, ddl: { ...target.translate(planned).ddl, grants: ddl.grants } };
  });
  await target.control.savePlan(run.runId, counted, await target.control.loadFindings(run.runId));
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
