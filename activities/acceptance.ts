import {
  checkCounts,
  type AcceptanceCheck,
  type AcceptanceChecks,
  type CountedTable,
} from '../domain/acceptanceChecks';
import type { AcceptanceRequest } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { TablePlan } from '../domain/plan';
import type { ControlStore, Source, Verifiable } from '../engines/engine';
import { COUNTS } from '../pipeline/verifyTable';
import { activity, type Activity } from './activity';
import { openSource, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { HANDED_OVER } from './handOver';

/** How long each side is counted: the target is at work, and a person waits. */
const PATIENCE_MS = 120_000;

/** Numbers of rows by table; a table that is not there could not be counted. */
type RowCounts = ReadonlyMap<string, number>;

/** Looks again at what a person is about to accept. Changes nothing; a source that is gone is told and not waited for. */
export function acceptanceActivities(environment: WorkerEnvironment) {
  return {
    checkAcceptance: activity(async (self, request: AcceptanceRequest): Promise<AcceptanceChecks> =>
      withTarget(environment, request.run, async (target) => {
        const { runId } = request.run;
        // Small tables first, so that as many as possible are counted in time.
        const plans = [...(await target.control.loadPlan(runId, null))].reverse();
        const at = new Date().toISOString();
        const source = await lookAtSource(self, environment, request, plans);
        const targetRows = await countAll(self, plans, target);
        const tables = await countedTables(request, plans, target.control, source.rows, targetRows);
        return { at, checks: [source.frozen, ...checkCounts(tables)] };
      }),
    ),
  };
}

interface SourceLook {
  readonly frozen: AcceptanceCheck;
  readonly rows: RowCounts;
}

async function lookAtSource(
  self: Activity,
  environment: WorkerEnvironment,
  { run, freeze, takesBack }: AcceptanceRequest,
  plans: readonly TablePlan[],
): Promise<SourceLook> {
  try {
    await using source = await openSource(environment, run.source);
    const frozen = takesBack ? TAKES_BACK : await checkFrozen(source, freeze);
    return { frozen, rows: await countAll(self, plans, source) };
  } catch (error) {
    if (!(error instanceof MigrationError) || self.signal.aborted) throw error;
    return { frozen: { name: 'sourceFrozen', state: 'notChecked', found: error.message }, rows: new Map() };
  }
}

/** Nothing can be said by its log: this migration writes to it. */
const TAKES_BACK: AcceptanceCheck = {
  name: 'sourceFrozen',
  state: 'noted',
  found: 'the source is read-only but for what is taken back from the target',
};

async function checkFrozen(source: Source, freeze: AcceptanceRequest['freeze']): Promise<AcceptanceCheck> {
  const name = 'sourceFrozen';
  if (freeze === null) {
    return { name, state: 'noted', found: 'the freezing was left to the operator, and nothing tells who wrote since' };
  }
  try {
    await source.checkFrozen(freeze);
    return { name, state: 'passed', found: 'the source has been read-only since the freeze, and nothing was written' };
  } catch (error) {
    if (!(error instanceof MigrationError) || error.code !== 'FREEZE_LOST') throw error;
    return { name, state: 'failed', found: error.message };
  }
}

async function countAll(self: Activity, plans: readonly TablePlan[], side: Verifiable): Promise<RowCounts> {
  const overdue = AbortSignal.timeout(PATIENCE_MS);
  const signal = AbortSignal.any([self.signal, overdue]);
  const counts = new Map<string, number>();
  for (const [index, { table }] of plans.entries()) {
    self.show({ table: table.source.name, done: index, of: plans.length });
    try {
      counts.set(table.source.name, await side.countRows(table, signal));
    } catch (error) {
      // A table that cannot be counted, or not in time, is missing from the answer, which says so.
      if (self.signal.aborted || !(overdue.aborted || error instanceof MigrationError)) throw error;
    }
    if (overdue.aborted) break;
  }
  return counts;
}

async function countedTables(
  { run, epoch, mismatches }: AcceptanceRequest,
  plans: readonly TablePlan[],
  control: ControlStore,
  sourceRows: RowCounts,
  targetRows: RowCounts,
): Promise<CountedTable[]> {
  const tables: CountedTable[] = [];
  for (const { table } of plans) {
    const { name } = table.source;
    const stored = await control.loadVerified(run.runId, epoch, name);
    const counts = stored.get(COUNTS) ?? stored.get(HANDED_OVER);
    if (counts === undefined) throw new MigrationError('INTERNAL', `nothing is stored of comparing ${name}`);
    tables.push({
      name,
      verified: { sourceRows: counts.sourceRows, targetRows: counts.targetRows, mismatches: mismatches[name] ?? 0 },
      sourceRows: sourceRows.get(name) ?? null,
      targetRows: targetRows.get(name) ?? null,
    });
  }
  return tables;
}
