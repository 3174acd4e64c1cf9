import { MigrationError } from '../domain/errors';
import { FORWARD, type HandOverAnswer, type HandOverWork } from '../domain/liveMessages';
import type { TablesWork } from '../domain/activityMessages';
import type { BuildStep, TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import type { TableResult } from '../domain/result';
import type { Source, Target } from '../engines/engine';
import { changedKeys } from '../pipeline/changedKeys';
import { faultPoint } from '../pipeline/faultPoint';
import { untilApplied } from '../pipeline/untilApplied';
import { passes } from '../pipeline/verdict';
import { compareChanged } from '../pipeline/compareChanged';
import { activity, type Activity } from './activity';
import { runWork, withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { appliedTables, changesOf, forwardStream } from './liveSource';
import { readPlanAgain } from './planAgain';
import { joined } from './settleChanges';
import { resultOf, sentences } from './verify';
import { noteWayBack } from './wayBack';

/** The part under whose name the last comparison before the commit point is stored. */
export const HANDED_OVER = 'handed over';

/**
 * What a live cutover does between the source's last write and the commit point, in one piece, because the application
 * waits for it: the stream ends, what was changed last is compared, counters and foreign keys are made.
 */
export function handOverActivities(environment: WorkerEnvironment) {
  return {
    handOver: activity(async (self, work: HandOverWork): Promise<HandOverAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const { runId } = work.run;
        const beganAt = Date.now();
        const stop = work.freeze?.position ?? (await source.position());
        await target.control.orderStop(runId, FORWARD, stop);
        const [plans] = await Promise.all([
          readPlanAgain(work, source, target),
          untilApplied(forwardStream(source, target, runId, self.signal), stop),
        ]);
        faultPoint('handOver.drained');
        const drainedAt = Date.now();
        const tables = await compareFrozen(self, work, plans, stop, source, target);
        faultPoint('handOver.compared');
        const comparedAt = Date.now();
        const steps = plans.flatMap((plan) => stepsOf(plan, target).map((step) => ({ plan, step })));
        await target.dropStreamIndexes(runWork(work, 'handOver'));
        await target.run(runWork(work, 'handOver'), steps, () => faultPoint('handOver.afterStep'));
        if (work.reverse !== null) await noteWayBack(target, work.reverse);
        return {
          tables,
          steps: { drain: drainedAt - beganAt, compare: comparedAt - drainedAt, build: Date.now() - comparedAt },
        };
      }),
    ),
    checkForeignKeys: activity(async (self, work: TablesWork): Promise<void> =>
      withTarget(environment, work.run, async (target) => {
        const plans = await target.control.loadPlan(work.run.runId, work.tables);
        const steps = plans.flatMap((plan) => target.foreignKeySteps(plan.table).check.map((step) => ({ plan, step })));
        let done = 0;
        await target.run(runWork(work, 'checkForeignKeys'), steps, () => {
          self.show({ step: (done += 1), of: steps.length });
        });
      }),
    ),
  };
}

/** Counters go on from where the source's are; foreign keys come last, for no stream is applied under them. */
function stepsOf({ table, ddl }: TablePlan, target: Target): BuildStep[] {
  return [...ddl.build.filter(({ kind }) => kind === 'identity'), ...target.foreignKeySteps(table).add];
}

/** Errors: VERIFICATION_FAILED, naming rows that differ. */
async function compareFrozen(
  self: Activity,
  { run, epoch, from, allowedRowDifference }: HandOverWork,
  plans: readonly TablePlan[],
  upTo: Position,
  source: Source,
  target: Target,
): Promise<TableResult[]> {
  const { control } = target;
  const changed = await changedKeys({
    stream: changesOf(source),
    tables: appliedTables(source, plans).map(({ plan, formats }) => ({ table: plan.table, formats })),
    from,
    upTo,
    signal: self.signal,
  });
  const results: TableResult[] = [];
  const examples: string[] = [];
  for (const [place, plan] of plans.entries()) {
    const { name } = plan.table.source;
    const compared = await compareChanged({
      source,
      target,
      table: plan.table,
      keys: joined(plan, changed[place], await control.loadUnsettled(run.runId, name)),
      ranges: (await control.loadChunks(run.runId, name)).map(({ range }) => range),
      rejected: await control.rejectedKeys(run.runId, name, 'rejected'),
      signal: self.signal,
    });
    await control.saveVerified(run.runId, epoch, name, HANDED_OVER, compared);
    results.push(resultOf(plan, compared));
    if (!passes(compared, allowedRowDifference)) examples.push(...sentences(plan, compared));
  }
  if (examples.length === 0) return results;
  const lines = examples.slice(0, 20).map((line) => `- ${line}`);
  throw new MigrationError('VERIFICATION_FAILED', `source and target differ:\n${lines.join('\n')}`);
}
