import type { RunReference } from '../../domain/activityMessages';
import { MigrationError } from '../../domain/errors';
import type { TablePlan } from '../../domain/plan';
import { chooseTables } from '../../domain/trial';
import type { ControlStore, RunWork, Target } from '../../engines/engine';

/** A trial is a run of its own in the control schema, so that nothing of it can be taken for the migration's. */
export function trialRunId({ runId }: RunReference): string {
  return `${runId}-trial`;
}

export function scratchSchema({ runId }: RunReference): string {
  return `temporal_migrate_trial_${runId.replace(/[^0-9a-f]/gu, '').slice(0, 8)}`;
}

/**
 * Opens the trial's run for one attempt, and removes what an earlier one has made. Answers the epoch to work in.
 * Errors: EPOCH_STALE when the trial has been removed for good.
 */
export async function beginAttempt(target: Target, run: RunReference): Promise<number> {
  const { control } = target;
  const runId = trialRunId(run);
  await control.openRun({
    runId,
    workflowId: run.workflowId,
    sourceName: run.source,
    targetName: run.target,
    fingerprint: (await control.fingerprint(run.runId)) ?? '',
  });
  const epoch = await control.raiseEpoch(runId);
  // A removal first closes the run and then raises its epoch: whoever finds it open now is fenced by that.
  if ((await control.runState(runId)) !== 'open') {
    throw new MigrationError('EPOCH_STALE', `the trial of run ${run.runId} has been removed: it is not begun again`);
  }
  await target.dropMade({ runId });
  await control.forgetCopy(runId);
  return epoch;
}

/** Removes all that the trial made, and what is kept of it; safe to repeat, and to call when there was none. */
export async function removeTrial(target: Target, run: RunReference): Promise<void> {
  const { control } = target;
  const runId = trialRunId(run);
  if (!(await hasRun(control, runId))) return;
  await control.transition(runId, ['open'], 'aborted');
  await control.raiseEpoch(runId);
  await target.dropMade({ runId });
  await control.forgetCopy(runId);
}

/** Makes the scratch schema. Errors: TRIAL_FAILED when there is one of that name that is not the trial's. */
export async function makeScratch(target: Target, work: RunWork, schema: string): Promise<void> {
  if (await target.makeSchema(work, schema)) return;
  throw new MigrationError(
    'TRIAL_FAILED',
    `the target has a schema "${schema}", which the trial would use and did not make: drop or rename it`,
  );
}

/** The plans of the tables to try, as they are in the scratch schema, and how many tables are left out. */
export function scratchPlans(
  plans: readonly TablePlan[],
  schema: string,
  target: Pick<Target, 'translate'>,
): { plans: TablePlan[]; untried: number } {
  const byTarget = new Map(plans.map(({ table }) => [table.targetName, table.source.name]));
  const chosen = chooseTables(
    plans.map(({ table }) => ({
      name: table.source.name,
      bytes: table.source.bytes,
      refersTo: table.foreignKeys.map(({ referencedTable }) => byTarget.get(referencedTable) ?? ''),
    })),
  );
  const tried = plans.filter(({ table }) => chosen.has(table.source.name));
  return {
    plans: tried.map((plan) => {
      const table = { ...plan.table, targetSchema: schema };
      return { table, ddl: target.translate(table).ddl };
    }),
    untried: plans.length - tried.length,
  };
}

async function hasRun(control: ControlStore, runId: string): Promise<boolean> {
  return (await control.runState(runId)) !== null;
}
