import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import { groupTables } from '../domain/tableGroups';
import { long, quick } from './activityProxies';
import { Compensations } from './compensations';
import { inPool } from './concurrency';
import { copyPhase } from './copyPhase';
import { rootFailure, wasCutOff, type RootFailure } from './failures';
import { freezeSource, maxFreezeSecondsOf, unfreezeLater } from './freezeSource';
import { resumed } from './hold';
import { freezeAndHandOver, prepareWayBack, settleChanges } from './liveCutover';
import { allTables, workOn, type Migration } from './migration';
import { switchOver } from './switchOver';
import { verifyPhase } from './verifyPhase';

/** Null when the target is live; else why the cutover was sent back, with the source writable again. */
export type CutoverAnswer = RootFailure | null;

/**
 * The cutover: freeze the source, pass the commit point with all that it holds on the target, switch. Before the commit
 * point every failure, the deadline included, is undone and sent back; after it the cutover only completes forward or
 * is rolled back.
 */
export async function cutover(migration: Migration): Promise<CutoverAnswer> {
  const { record, input, run } = migration;
  // Not later: a pause that begins here is no write pause yet.
  await resumed(migration);
  const isLive = input.strategy === 'live';
  const undo = new Compensations();
  const maxFreezeSeconds = maxFreezeSecondsOf(input);
  const attempt = new CancellationScope({
    cancellable: true,
    ...(maxFreezeSeconds === undefined ? {} : { timeout: maxFreezeSeconds * 1_000 }),
  });
  try {
    if (isLive) {
      await prepareWayBack(migration, undo);
      await settleChanges(migration);
    }
    await attempt.run(() => (isLive ? freezeAndHandOver : freezeAndCopy)(migration, undo));
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

/** Of a bigBang: everything happens under the freeze. */
async function freezeAndCopy(migration: Migration, undo: Compensations): Promise<void> {
  const { record, run, epoch } = migration;
  undo.register('empty the tables', async () => {
    await long.emptyTables.executeWithOptions({ summary: 'Empty the tables for the next attempt' }, [
      workOn(migration, allTables(migration)),
    ]);
    record.forgetCopy();
  });
  unfreezeLater(migration, undo);
  const freeze = await freezeSource(migration);
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
