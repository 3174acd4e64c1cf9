import type { RetryAnswer, RetryWork } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { TablePlan } from '../domain/plan';
import { withPolicies } from '../domain/planning/withPolicies';
import type { Source, Target } from '../engines/engine';
import { verifyKeys } from '../pipeline/verifyTable';
import { retryRejected } from '../pipeline/retryRejected';
import { activity } from './activity';
import { runWork, withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { rejectedFindings } from './rejectedFindings';

/** Copies rejected rows after all, under other choices of the mapping, and verifies those that have a key. */
export function retryActivities(environment: WorkerEnvironment) {
  return {
    retryRejected: activity(async (self, work: RetryWork): Promise<RetryAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const { control } = target;
        const { runId } = work.run;
        if ((await control.runState(runId)) !== 'committed') {
          throw new MigrationError('EPOCH_STALE', `run ${runId} is not live on the target: nothing is retried`);
        }
        const plans = await control.loadPlan(runId, work.tables);
        const chosen = await choose(target, runId, plans, work.mapping);
        await using lane = await target.openLane(runWork(work, 'rejected'));
        await retryRejected({ source, lane, plans: chosen, signal: self.signal });
        let mismatches = 0;
        for (const { table } of chosen) mismatches += await verifyCopied(source, target, runId, table, self.signal);
        const left = await control.rejectedCounts(runId);
        return {
          left: Object.fromEntries(left.map(({ table, rows }) => [table, rows])),
          mismatches,
          findings: rejectedFindings(left, work.tables),
        };
      }),
    ),
  };
}

/** Stores the choices, so that whoever verifies later expects what was written. */
async function choose(
  target: Target,
  runId: string,
  plans: readonly TablePlan[],
  mapping: RetryWork['mapping'],
): Promise<TablePlan[]> {
  const chosen: TablePlan[] = [];
  for (const plan of plans) {
    const { table, nowNullable } = withPolicies(plan.table, mapping);
    await target.admitNulls(table, nowNullable);
    await target.control.replacePlan(runId, { ...plan, table });
    chosen.push({ ...plan, table });
  }
  return chosen;
}

async function verifyCopied(
  source: Source,
  target: Target,
  runId: string,
  table: TablePlan['table'],
  signal: AbortSignal,
): Promise<number> {
  const copied = await target.control.rejectedKeys(runId, table.source.name, 'copied');
  const keys = copied.filter((key) => key !== null);
  return keys.length === 0 ? 0 : (await verifyKeys(source, target, table, keys, signal)).mismatches;
}
