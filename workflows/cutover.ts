import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import { groupTables } from '../domain/tableGroups';
import { long, quick } from './activityProxies';
import { Compensations } from './compensations';
import { inPool } from './concurrency';
import { copyPhase } from './copyPhase';
import { rootFailure, wasCutOff, type RootFailure } from './failures';
import { resumed } from './hold';
import { allTables, workOn, type Migration } from './migration';
import { switchOver } from './switchOver';
import { verifyPhase } from './verifyPhase';

/** How long a freeze waits for open transactions before it gives way to them. */
const FREEZE_PATIENCE_MS = 60_000;

const FREEZE_SUMMARY = {
  readOnly: 'Make the source read-only',
  accounts: "Take the source's accounts their ways to write",
  none: 'Read the schema again; nothing is frozen',
} as const;

/** Null when the target is live; else why the cutover was sent back, with the source writable again. */
export type CutoverAnswer = RootFailure | null;

/**
 * The cutover of a bigBang: freeze the source, copy, build, verify, pass the commit point, switch. Before the commit
 * point every failure, the deadline included, is undone and sent back; after it the cutover only completes forward or
 * is rolled back.
 */
export async function cutover(migration: Migration): Promise<CutoverAnswer> {
  const { record, input, run } = migration;
  // Not later: a pause that begins here is no write pause yet.
  await resumed(migration);
  const undo = new Compensations();
  const maxFreezeSeconds = input.cutover.maxFreezeSeconds;
  const attempt = new CancellationScope({
    cancellable: true,
    ...(maxFreezeSeconds === undefined ? {} : { timeout: maxFreezeSeconds * 1_000 }),
  });
  try {
    await attempt.run(() => freezeAndCopy(migration, undo));
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled;
    const overdue = attempt.consideredCancelled && !cancelled && wasCutOff(error);
    const failure = overdue
      ? {
          code: 'FREEZE_OVERDUE',
          message: `the cutover did not end within cutover.maxFreezeSeconds (${maxFreezeSeconds})`,
        }
      : rootFailure(error);
    // A cancellation or a deadline may meet a commit that has just happened; the control row tells, and only it.
    const aborted = await CancellationScope.nonCancellable(() =>
      quick.abortCutover.executeWithOptions({ summary: `Send the cutover back: ${failure.code}` }, [run]),
    );
    if (!aborted.committed) {
      migration.epoch = aborted.epoch;
      await undo.run(() => record.onChange());
      if (cancelled) throw new CancelledFailure('the migration was cancelled');
      return failure;
    }
  }
  await switchOver(migration);
  return null;
}

async function freezeAndCopy(migration: Migration, undo: Compensations): Promise<void> {
  const { record, input, run, epoch } = migration;
  const maxFreezeMs = (input.cutover.maxFreezeSeconds ?? Number.POSITIVE_INFINITY) * 1_000;
  undo.register('empty the tables', async () => {
    await long.emptyTables.executeWithOptions({ summary: 'Empty the tables for the next attempt' }, [
      workOn(migration, allTables(migration)),
    ]);
    record.copied.clear();
    record.copyCourse = null;
    record.verified.clear();
  });
  undo.register('unfreeze the source', async () => {
    await quick.unfreezeSource.executeWithOptions({ summary: 'Make the source writable again' }, [run, 'open']);
    record.writePause.end();
    record.sourceFrozen = false;
  });
  const deadline = Number.isFinite(maxFreezeMs) ? Date.now() + maxFreezeMs : null;
  const mode = input.cutover.freeze;
  if (mode !== 'none') {
    record.sourceFrozen = true;
    record.writePause.begin(deadline);
  }
  const freeze = await quick.freezeSource.executeWithOptions({ summary: FREEZE_SUMMARY[mode] }, [
    {
      run,
      epoch,
      mode,
      deadline,
      patienceMs: Math.min(FREEZE_PATIENCE_MS, maxFreezeMs),
      filter: input.tables,
    },
  ]);
  record.freeze = freeze;
  await resumed(migration);
  await record.within('copy', () => copyPhase(migration, freeze));
  await resumed(migration);
  await record.within('buildTarget', () => buildPhase(migration));
  await resumed(migration);
  await record.within('verify', () => verifyPhase(migration, freeze));
  await resumed(migration);
  const { horizon } = await quick.commitCutover.executeWithOptions(
    { summary: 'Commit point: from here on the target is the truth' },
    [{ run, epoch, freeze }],
  );
  record.horizon = horizon;
}

/** Keys and indexes table by table, then the foreign keys, which need both their tables built. */
async function buildPhase(migration: Migration): Promise<void> {
  const { record, input } = migration;
  await inPool(groupTables(record.tables, input.copy.chunkBytes, 1), input.copy.parallelism, async (group) => {
    const what = group.tables.length === 1 ? group.label : `${group.tables.length} tables`;
    await long.buildTables.executeWithOptions({ summary: `Keys and indexes of ${what}` }, [
      { ...workOn(migration, group.tables), lane: `build/${group.label}` },
    ]);
  });
  await long.addForeignKeys.executeWithOptions({ summary: 'Foreign keys' }, [workOn(migration, allTables(migration))]);
}
