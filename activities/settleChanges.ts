import { MigrationError } from '../domain/errors';
import type { ChangesWork, SettledChanges } from '../domain/liveMessages';
import type { TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import { keyIdentity, type RowKey } from '../domain/rowKey';
import type { Source, Target, VerifiedPart } from '../engines/engine';
import { changedKeys, type ChangedTable } from '../pipeline/changedKeys';
import { untilApplied, type AppliedStream } from '../pipeline/untilApplied';
import { WHOLE_TABLE } from '../pipeline/verifyKeyless';
import { settleChangedKeys, verifyLive } from '../pipeline/verifyLive';
import { activity, type Activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { appliedTables, changesOf, forwardStream } from './liveSource';
import { sentences } from './verify';

/** Another round is worth it while one takes longer than this: it leaves that much to be compared under the freeze. */
const SHORT_MS = 1_000;
const MAX_ROUNDS = 5;

/** Compares what has been changed since everything was compared, so that little is left for the freeze. */
export function settleChangesActivities(environment: WorkerEnvironment) {
  return {
    settleChanges: activity(async (self, work: ChangesWork): Promise<SettledChanges> =>
      withBoth(environment, work.run, async (source, target) => {
        const stream = forwardStream(source, target, work.run.runId, self.signal);
        const plans = await target.control.loadPlan(work.run.runId, work.tables);
        let from = work.from;
        for (let round = 1; ; round++) {
          const startedAt = Date.now();
          const upTo = await source.position();
          await untilApplied(stream, upTo);
          self.show({ round });
          await settleBetween(self, { work, plans, stream, from, upTo }, source, target);
          from = upTo;
          if (Date.now() - startedAt < SHORT_MS || round === MAX_ROUNDS) return { upTo };
        }
      }),
    ),
  };
}

interface Round {
  readonly work: ChangesWork;
  readonly plans: readonly TablePlan[];
  readonly stream: AppliedStream;
  readonly from: Position;
  readonly upTo: Position;
}

/** Errors: VERIFICATION_FAILED, naming rows that rest and differ. */
async function settleBetween(self: Activity, round: Round, source: Source, target: Target): Promise<void> {
  const { work, plans, from, upTo } = round;
  const changed = await changedKeys({
    stream: changesOf(source),
    tables: appliedTables(source, plans).map(({ plan, formats }) => ({ table: plan.table, formats })),
    from,
    upTo,
    signal: self.signal,
  });
  const examples: string[] = [];
  for (const [place, plan] of plans.entries()) {
    const { name } = plan.table.source;
    const keys = joined(plan, changed[place], await target.control.loadUnsettled(work.run.runId, name));
    if (plan.table.chunkKey === null) {
      // Nobody could tell what differs from what is late.
      if (keys === null) await target.control.saveUnsettled(work.run.runId, name, WHOLE_TABLE);
      continue;
    }
    const { verified, unsettled } = await settleTable(self, round, plan, keys, source, target);
    await target.control.saveUnsettled(work.run.runId, name, unsettled);
    if (verified.mismatches > 0) examples.push(...sentences(plan, verified));
  }
  if (examples.length === 0) return;
  const lines = examples.slice(0, 20).map((line) => `- ${line}`);
  throw new MigrationError('VERIFICATION_FAILED', `source and target differ:\n${lines.join('\n')}`);
}

/** Keys to be looked at; null where the whole table must be, as always where one without a key was changed. */
export function joined(
  { table }: TablePlan,
  changed: ChangedTable | undefined,
  unsettled: readonly RowKey[],
): RowKey[] | null {
  if (changed?.isWhole === true || (table.chunkKey === null && unsettled.length > 0)) return null;
  const identify = keyIdentity(table);
  const keys = [...(changed?.keys ?? []), ...unsettled];
  return [...new Map(keys.map((key) => [identify(key), key])).values()];
}

async function settleTable(
  self: Activity,
  { work, stream }: Round,
  { table }: TablePlan,
  keys: readonly RowKey[] | null,
  source: Source,
  target: Target,
): Promise<{ verified: VerifiedPart; unsettled: readonly RowKey[] }> {
  const { control } = target;
  const { runId } = work.run;
  const { name, estimatedRows } = table.source;
  const known = await control.rejectedKeys(runId, name, 'rejected');
  const task = {
    source,
    target,
    table,
    rejected: known.filter((key): key is RowKey => key !== null),
    caughtUp: async () => {
      await untilApplied(stream, await source.position());
    },
    signal: self.signal,
    heartbeat: () => undefined,
  };
  if (keys !== null) return settleChangedKeys(task, keys);
  const ranges = (await control.loadChunks(runId, name)).map(({ range }) => range);
  return verifyLive({ ...task, ranges, rows: estimatedRows });
}
