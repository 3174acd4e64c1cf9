import type { VerifyAnswer, VerifyWork } from '../domain/activityMessages';
import type { RowKey } from '../domain/rowKey';
import type { TableResult } from '../domain/result';
import { untilApplied } from '../pipeline/untilApplied';
import { passes } from '../pipeline/verdict';
import { verifyKeyless } from '../pipeline/verifyKeyless';
import { verifyLive } from '../pipeline/verifyLive';
import { activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { forwardStream } from './liveSource';
import { rejectedFindings } from './rejectedFindings';
import { resultOf, sentences } from './verify';

/** The part under whose name a table that was compared under writes is stored. */
const LIVE = 'live';

/** Compares source and target while both are written to; what an earlier attempt has compared in this epoch is not compared again. */
export function verifyLiveActivities(environment: WorkerEnvironment) {
  return {
    verifyLiveTables: activity(async (self, work: VerifyWork): Promise<VerifyAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const { control } = target;
        const { runId } = work.run;
        const stream = forwardStream(source, target, runId, self.signal);
        const plans = await control.loadPlan(runId, work.tables);
        const tables: TableResult[] = [];
        const examples: string[] = [];
        for (const [index, plan] of plans.entries()) {
          const { name, estimatedRows } = plan.table.source;
          self.show({ table: name, done: index, of: plans.length });
          let compared = (await control.loadVerified(runId, work.epoch, name)).get(LIVE);
          if (compared === undefined) {
            const rejected = await control.rejectedKeys(runId, name, 'rejected');
            const task = {
              source,
              target,
              table: plan.table,
              ranges: (await control.loadChunks(runId, name)).map(({ range }) => range),
              rows: estimatedRows,
              caughtUp: async () => {
                await untilApplied(stream, await source.position());
              },
              signal: self.signal,
              heartbeat: () => undefined,
            };
            const { verified, unsettled } = await (plan.table.chunkKey === null
              ? verifyKeyless({ ...task, rejected })
              : verifyLive({ ...task, rejected: rejected.filter((key): key is RowKey => key !== null) }));
            await control.saveUnsettled(runId, name, unsettled);
            await control.saveVerified(runId, work.epoch, name, LIVE, verified);
            compared = verified;
          }
          self.count('rows_verified', compared.verifiedRows);
          self.count('rows_mismatched', compared.mismatches);
          tables.push(resultOf(plan, compared));
          if (!passes(compared, work.verify.allowedRowDifference)) examples.push(...sentences(plan, compared));
        }
        return { tables, examples, rejected: rejectedFindings(await control.rejectedCounts(runId), work.tables) };
      }),
    ),
  };
}
