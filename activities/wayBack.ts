import { BACK, type LateWrites, type ReverseWork, type WayBackReading } from '../domain/liveMessages';
import { assert, MigrationError } from '../domain/errors';
import type { PlannedTable, TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import { planWayBack } from '../domain/wayBack';
import type { AppliedTable, Source, TakesBack, Target, TargetChanges } from '../engines/engine';
import { applyChanges } from '../pipeline/applyChanges';
import { completeLog } from '../pipeline/completeLog';
import { hasApplied, streamState, untilApplied } from '../pipeline/untilApplied';
import { activity, type Activity } from './activity';
import { runWork, withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { keepOthersOut, lateWrites } from './lateWrites';

/** How long the slot waits for transactions that began before it, in any database of the target. */
const START_PATIENCE_MS = 60_000;
/** Beyond this the target's disk matters more than a rollback without loss. */
const MOST_KEPT_BYTES = 16 * 1024 ** 3;

/** What the application writes on the target comes back into the source, until somebody accepts. */
export function wayBackActivities(environment: WorkerEnvironment) {
  return {
    /** Before the freeze: whatever takes time, or may fail. */
    prepareWayBack: activity(async (_self, work: ReverseWork): Promise<void> =>
      withBoth(environment, work.run, async (source, target) => {
        const { takesBack, changes } = ends(source, target, work);
        const tables = await plansBack(target, work);
        const blocking = (await takesBack.obstacles(tables, work.freeze)).filter(
          ({ severity }) => severity === 'blocking',
        );
        if (blocking.length > 0) {
          const found = blocking.map(({ code, object, reason }) => `${code} ${object}: ${reason}`).join('; ');
          throw new MigrationError('WAY_BACK_BLOCKED', `a rollback without loss cannot be prepared: ${found}`);
        }
        await takesBack.prepare({ runId: work.run.runId });
        await changes.publish(tables.map(({ table }) => table));
        await changes.start(START_PATIENCE_MS);
        // What the source could not take, the application must hear of, and not the stream.
        await changes.limit(await takesBack.limits(await plannedTables(target, work)));
      }),
    ),
    /** Behind the commit point: the source takes what this login writes, and nobody else. Answers what others wrote before. */
    beginWayBack: activity(async (self, work: ReverseWork): Promise<readonly LateWrites[]> =>
      withBoth(environment, work.run, (source, target) => begin(self, work, source, target)),
    ),
    streamBack: activity(async (self, work: ReverseWork): Promise<void> =>
      withBoth(environment, work.run, async (source, target) => {
        // It begins anew whenever a connection is lost, and so after each restart of the source.
        await keepOthersOut(source, target, work.run.runId);
        await follow(self, work, source, target);
      }),
    ),
    readWayBack: activity(async (_self, work: ReverseWork): Promise<WayBackReading> =>
      withBoth(environment, work.run, async (source, target) => {
        const { takesBack, changes } = ends(source, target, work);
        const state = await streamState({ store: takesBack, runId: work.run.runId, name: BACK });
        const end = await changes.end();
        const kept = await changes.capKept(MOST_KEPT_BYTES);
        const isThere = hasApplied(changes, state, end);
        const lagSeconds = isThere ? 0 : await secondsSince(state.committedAtMs, target);
        return { lagSeconds, keptBytes: kept?.bytes ?? null, isLost: kept?.isLost ?? true };
      }),
    ),
    /** Resolves when the source has everything that the target has. */
    drainWayBack: activity(async (self, work: ReverseWork): Promise<void> =>
      withBoth(environment, work.run, async (source, target) => {
        const { runId } = work.run;
        const { takesBack, changes } = ends(source, target, work);
        const stop: Position = await changes.end();
        await takesBack.orderStop(runId, BACK, stop);
        await untilApplied({ stream: changes, store: takesBack, runId, name: BACK, signal: self.signal }, stop);
      }),
    ),
    dropWayBack: activity(
      async (_self, work: ReverseWork): Promise<void> =>
        withBoth(environment, work.run, async (source, target) => {
          const { takesBack, changes } = ends(source, target, work);
          await changes.drop();
          await takesBack.drop({ runId: work.run.runId });
        }),
      { persistent: true },
    ),
  };
}

/** By the target's clock; null where nothing was committed yet. */
async function secondsSince(atMs: number | null, target: Target): Promise<number | null> {
  return atMs === null ? null : ((await target.probe.clockMs()) - atMs) / 1_000;
}

/** Notes behind what the way back begins, once the stream has ended and nobody else may write. */
export async function noteWayBack(target: Target, work: ReverseWork): Promise<void> {
  const position = await changesOfTarget(target, work).end();
  await target.control.notePosition(work.run.runId, 'back', position);
}

async function begin(self: Activity, work: ReverseWork, source: Source, target: Target): Promise<LateWrites[]> {
  const { runId } = work.run;
  const { takesBack } = ends(source, target, work);
  const positions = await target.control.loadPositions(runId);
  const noted = positions.find(({ moment }) => moment === 'back');
  const frozen = positions.find(({ moment }) => moment === 'freeze');
  assert(noted && frozen, 'where both sides stood is noted before the commit point');
  await keepOthersOut(source, target, runId);
  const late = await lateWrites(self, work, source, target, frozen.position);
  await takesBack.beginStream(runId, BACK, noted.position, noted.position);
  return late;
}

async function follow(self: Activity, work: ReverseWork, source: Source, target: Target): Promise<void> {
  const { runId } = work.run;
  const { takesBack, changes } = ends(source, target, work);
  const tables: AppliedTable[] = (await plansBack(target, work)).map((plan) => ({
    plan,
    formats: changes.cellFormats(plan.table),
  }));
  await using applier = await takesBack.openApplier(runWork(work, BACK), tables);
  const { high } = await streamState({ store: takesBack, runId, name: BACK });
  let applied = 0;
  const end = await applyChanges({
    stream: changes,
    applier,
    tables,
    high,
    source: completeLog,
    signal: self.signal,
    onApplied: (batch) => {
      applied += batch.changes;
      self.count('changes_taken_back', batch.changes);
      self.show({ changes: applied });
    },
  });
  if (end.kind === 'drained') return;
  const { statement, tables: changed } = end.change;
  throw new MigrationError(
    'WAY_BACK_BLOCKED',
    `a statement changed ${changed.join(', ')} on the target, and the source has no such change: ${statement}`,
  );
}

async function plannedTables(target: Target, { run, tables }: ReverseWork): Promise<PlannedTable[]> {
  return (await target.control.loadPlan(run.runId, tables)).map(({ table }) => table);
}

async function plansBack(target: Target, { run, tables }: ReverseWork): Promise<readonly TablePlan[]> {
  return planWayBack(await target.control.loadPlan(run.runId, tables)).tables;
}

function ends(source: Source, target: Target, work: ReverseWork): { takesBack: TakesBack; changes: TargetChanges } {
  assert(source.takesBack, 'a migration with a way back has a source that takes changes back');
  const { takesBack } = source;
  return { takesBack, changes: changesOfTarget(target, work) };
}

function changesOfTarget(target: Target, work: ReverseWork): TargetChanges {
  const changes = target.changesOf?.(runWork(work, BACK), work.schema);
  assert(changes, 'a migration with a way back has a target whose changes can be read');
  return changes;
}
