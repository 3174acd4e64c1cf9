import type { FreezeRequest, RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { FreezeState } from '../domain/freeze';
import type { Source, Target } from '../engines/engine';
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
        if (request.mode === 'none') {
          await readPlanAgain(request, source, target);
          return null;
        }
        // The settings are recorded before they are changed: a crash in between must not make the freeze look found.
        const recorded = await target.control.loadFreeze(runId);
        const found = recorded?.found ?? (await source.freezeSettings());
        if (recorded === null) {
          await target.control.saveFreeze({ runId, sourceName: request.run.source, found, deadline: request.deadline });
        }
        faultPoint('freeze.recorded');
        self.show({ waitingFor: 'open transactions of the source' });
        const state = await source.freeze(request.patienceMs, found);
        faultPoint('freeze.frozen');
        await readPlanAgain(request, source, target);
        return state;
      }),
    ),
    unfreezeSource: activity(async (_self, run: RunReference): Promise<void> => unfreeze(environment, run), {
      persistent: true,
    }),
  };
}

/**
 * Nothing moves under the freeze: the schema must be the planned one, and the counters of automatically numbered
 * columns are as they will be handed on. Errors: PLAN_CHANGED.
 */
async function readPlanAgain({ run, filter }: FreezeRequest, source: Source, target: Target): Promise<void> {
  const tables = selectTables(await source.introspect(), filter);
  if (fingerprintOf(tables) !== (await target.control.fingerprint(run.runId))) {
    throw new MigrationError(
      'PLAN_CHANGED',
      'the source schema is no longer the one that was planned: start a new migration',
    );
  }
  const plans = await target.control.loadPlan(run.runId, null);
  const counted = plans.map(({ table }) => {
    const now = tables.find(({ name }) => name === table.source.name);
    const columns = table.columns.map((column) => {
      const identity = now?.columns.find(({ name }) => name === column.source.name)?.identity ?? null;
      return { ...column, source: { ...column.source, identity } };
    });
    const planned = { ...table, columns };
    return { table: planned, ddl: target.translate(planned).ddl };
  });
  await target.control.savePlan(run.runId, counted, await target.control.loadFindings(run.runId));
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
