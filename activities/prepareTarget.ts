import type { RunReference, TablesWork } from '../domain/activityMessages';
import { activity } from './activity';
import { runWork, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/** Makes the tables, without keys and indexes, and takes away whatever the run has made. */
export function prepareTargetActivities(environment: WorkerEnvironment) {
  return {
    prepareTarget: activity(async (self, work: TablesWork): Promise<void> =>
      withTarget(environment, work.run, async (target) => {
        const plans = await target.control.loadPlan(work.run.runId, work.tables);
        const steps = plans.flatMap((plan) => plan.ddl.create.map((step) => ({ plan, step })));
        let done = 0;
        await target.run(runWork(work, 'prepareTarget'), steps, () =>
          self.show({ step: (done += 1), of: steps.length }),
        );
      }),
    ),
    dropMade: activity(
      async (_self, run: RunReference): Promise<void> =>
        withTarget(environment, run, async (target) => {
          await target.control.raiseEpoch(run.runId);
          await target.dropMade(run);
        }),
      { persistent: true },
    ),
    emptyTables: activity(
      async (_self, work: TablesWork): Promise<void> =>
        withTarget(environment, work.run, async (target) => {
          await target.emptyTables(work.run, await target.control.loadPlan(work.run.runId, work.tables));
        }),
      { persistent: true },
    ),
    /** Starts a live copy over, after its place in the source's log was lost; answers the epoch that begins. */
    startOver: activity(
      async (_self, work: TablesWork): Promise<number> =>
        withTarget(environment, work.run, async (target) => {
          const epoch = await target.control.raiseEpoch(work.run.runId);
          await target.emptyTables(work.run, await target.control.loadPlan(work.run.runId, work.tables));
          return epoch;
        }),
      { persistent: true },
    ),
    undoCutover: activity(
      async (_self, run: RunReference): Promise<void> =>
        withTarget(environment, run, (target) => target.undoCutover(run)),
      { persistent: true },
    ),
    /** Nobody can write to the target's tables any more, whatever rights they have. */
    refuseWrites: activity(
      async (self, work: TablesWork): Promise<void> =>
        withTarget(environment, work.run, async (target) => {
          self.show({ waitingFor: 'open transactions of the target' });
          const plans = await target.control.loadPlan(work.run.runId, work.tables);
          await target.refuseWrites({ runId: work.run.runId }, plans);
        }),
      { persistent: true },
    ),
    grantAccess: activity(
      async (_self, run: RunReference): Promise<void> =>
        withTarget(environment, run, async (target) => {
          await target.grantAccess(run, await target.control.loadPlan(run.runId, null));
        }),
      { persistent: true },
    ),
    setAside: activity(
      async (_self, run: RunReference): Promise<string> =>
        withTarget(environment, run, (target) => target.setAside(run)),
      { persistent: true },
    ),
  };
}
