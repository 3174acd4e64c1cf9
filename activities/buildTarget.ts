import type { TablesWork } from '../domain/activityMessages';
import type { BuildStep, PlannedIndex, TablePlan } from '../domain/plan';
import { faultPoint } from '../pipeline/faultPoint';
import { activity, type Activity } from './activity';
import { runWork, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/** Keys, indexes and counters once a table's rows are there, foreign keys once every table is built. */
export function buildTargetActivities(environment: WorkerEnvironment) {
  const build = (
    self: Activity,
    work: TablesWork,
    lane: string,
    stepsOf: (plan: TablePlan) => readonly BuildStep[],
  ): Promise<void> =>
    withTarget(environment, work.run, async (target) => {
      const plans = await target.control.loadPlan(work.run.runId, work.tables);
      const steps = plans.flatMap((plan) => stepsOf(plan).map((step) => ({ plan, step })));
      let done = 0;
      await target.run(runWork(work, lane), steps, () => {
        self.show({ step: (done += 1), of: steps.length });
        faultPoint('build.afterStep');
      });
    });
  return {
    /** The keys by which changes are applied. */
    buildKeys: activity((self, work: TablesWork) => build(self, work, 'buildKeys', keySteps)),
    /** All the rest but counters, which go on as long as the source does. */
    buildLiveTables: activity((self, work: TablesWork & { lane: string }) =>
      build(self, work, work.lane, (plan) => plan.ddl.build.filter(({ kind }) => kind !== 'identity')),
    ),
    buildTables: activity((self, work: TablesWork & { lane: string }) =>
      build(self, work, work.lane, (plan) => plan.ddl.build),
    ),
    addForeignKeys: activity((self, work: TablesWork) =>
      build(self, work, 'foreignKeys', (plan) => plan.ddl.foreignKeys),
    ),
  };
}

/** The primary key, or the unique one that stands for it. */
function keySteps({ table, ddl }: TablePlan): BuildStep[] {
  const primary = ddl.build.filter(({ kind }) => kind === 'primaryKey');
  if (primary.length > 0) return primary;
  const isChunkKey = ({ source }: PlannedIndex): boolean =>
    source.unique && JSON.stringify(source.parts.map(({ column }) => column)) === JSON.stringify(table.chunkKey);
  const key = table.indexes.find(isChunkKey);
  return ddl.build.filter(({ kind, name }) => kind === 'unique' && name === key?.targetName);
}
