import type { VerifyAnswer, VerifyWork } from '../domain/activityMessages';
import type { TablePlan } from '../domain/plan';
import type { TableResult } from '../domain/result';
import type { Source, Target, VerifiedPart } from '../engines/engine';
import { describeMismatch, passes } from '../pipeline/verdict';
import { verifyTable } from '../pipeline/verifyTable';
import { activity, type Activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { rejectedFindings } from './rejectedFindings';

/** The most differing rows of a table that are named in the answer; the control schema keeps more. */
const NAMED = 10;

/** Compares source and target; what an earlier attempt has compared in this epoch is not compared again. */
export function verifyActivities(environment: WorkerEnvironment) {
  return {
    verifyTables: activity(async (self, work: VerifyWork): Promise<VerifyAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const stillFrozen = async (): Promise<void> => {
          if (work.freeze !== null) await source.checkFrozen(work.freeze);
        };
        await stillFrozen();
        const plans = await target.control.loadPlan(work.run.runId, work.tables);
        const tables: TableResult[] = [];
        const examples: string[] = [];
        for (const [index, plan] of plans.entries()) {
          self.show({ table: plan.table.source.name, done: index, of: plans.length });
          const compared = await compareTable(self, work, plan, source, target);
          self.count('rows_verified', compared.verifiedRows);
          self.count('rows_mismatched', compared.mismatches);
          tables.push(resultOf(plan, compared));
          if (!passes(compared, work.verify.allowedRowDifference)) examples.push(...sentences(plan, compared));
        }
        // What was written since a freeze was lost must not pass for rows that were copied wrong.
        await stillFrozen();
        const rejected = await target.control.rejectedCounts(work.run.runId);
        return { tables, examples, rejected: rejectedFindings(rejected, work.tables) };
      }),
    ),
  };
}

async function compareTable(
  self: Activity,
  { run, epoch, verify }: VerifyWork,
  { table }: TablePlan,
  source: Source,
  target: Target,
): Promise<VerifiedPart> {
  const { control } = target;
  const { name } = table.source;
  return verifyTable({
    source,
    target,
    table,
    ranges: (await control.loadChunks(run.runId, name)).map(({ range }) => range),
    mode: verify.mode,
    samplePercent: verify.samplePercent,
    seed: run.runId,
    rejected: await control.rejectedKeys(run.runId, name, 'rejected'),
    done: await control.loadVerified(run.runId, epoch, name),
    onPart: (part, result) => control.saveVerified(run.runId, epoch, name, part, result),
    signal: self.signal,
    heartbeat: () => undefined,
  });
}

export function resultOf({ table }: Pick<TablePlan, 'table'>, compared: VerifiedPart): TableResult {
  const { sourceRows, targetRows, verifiedRows, mismatches } = compared;
  const { source, targetName } = table;
  return {
    name: source.name,
    targetName,
    columns: {},
    bytes: source.bytes,
    sourceRows,
    targetRows,
    verifiedRows,
    mismatches,
  };
}

/** The first differing rows of a table, named, and how many more there are. */
export function sentences(
  { table }: Pick<TablePlan, 'table'>,
  { examples, mismatches, sourceRows, targetRows }: VerifiedPart,
): string[] {
  const named = examples.slice(0, NAMED).map(describeMismatch);
  const more = mismatches - named.length;
  const counts = `${sourceRows} rows on the source, ${targetRows} on the target`;
  return more > 0 ? [...named, `${table.source.name}: ${more} more differ (${counts})`] : named;
}
