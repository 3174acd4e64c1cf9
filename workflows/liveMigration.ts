import { CancellationScope } from '@temporalio/workflow';
import type { Position } from '../domain/position';
import type { Outcome } from '../domain/result';
import { groupTables } from '../domain/tableGroups';
import { long, quick, streaming } from './activityProxies';
import { watchLag } from './changeStream';
import { inPool } from './concurrency';
import { copyPhase } from './copyPhase';
import { decideAndCutOver } from './decideAndCutOver';
import { rootFailure, type RootFailure } from './failures';
import { resumed } from './hold';
import { allTables, workOn, type Migration } from './migration';
import { decideSchemaChange } from './schemaDecision';
import { verifyWhileWritten } from './verifyWhileWritten';

/**
 * Copies while the application writes, follows its writes from then on, and asks for the cutover. When the source's log
 * no longer has what comes next, a fresh copy is offered.
 */
export async function migrateLive(migration: Migration): Promise<Outcome> {
  for (;;) {
    try {
      await copyAndBuild(migration);
      return await migration.stream.beside(migration, async () => {
        await verifyWhileWritten(migration);
        return decideAndCutOver(migration);
      });
    } catch (error) {
      const failure = rootFailure(error);
      if (failure.code !== 'POSITION_LOST' || CancellationScope.current().consideredCancelled) throw error;
      await startOver(migration, failure);
    }
  }
}

async function copyAndBuild(migration: Migration): Promise<void> {
  const { record, run, input } = migration;
  await resumed(migration);
  await record.during('copy', async () => {
    const from = await quick.startStream.executeWithOptions({ summary: "Note where the source's log stands" }, [
      { run, filter: input.tables },
    ]);
    await copyPhase(migration, null);
    await endCopy(migration, from);
  });
  await resumed(migration);
  await record.during('catchUp', () => catchUp(migration));
  await resumed(migration);
  await record.during('buildTarget', () => buildLive(migration));
}

/** The keys are built before anything is applied, because changes find their rows by them. */
async function endCopy(migration: Migration, from: Position): Promise<void> {
  const { run } = migration;
  await quick.endCopy.executeWithOptions({ summary: 'Note where the copy ended' }, [{ run, from }]);
  await long.buildKeys.executeWithOptions({ summary: 'Keys' }, [workOn(migration, allTables(migration))]);
}

async function catchUp(migration: Migration): Promise<void> {
  let over = false;
  const watching = new CancellationScope();
  const watched = watching.run(() => watchLag(migration, () => over)).catch(() => undefined);
  try {
    for (;;) {
      const answer = await streaming.catchUp.executeWithOptions({ summary: 'Apply what was changed during the copy' }, [
        workOn(migration, allTables(migration)),
      ]);
      if (answer.kind === 'drained') return;
      await decideSchemaChange(migration, answer.change);
    }
  } finally {
    over = true;
    watching.cancel();
    await watched;
  }
}

/** Unique indexes come now: no row of the target is of a later time than the stream any more. */
async function buildLive(migration: Migration): Promise<void> {
  const { record, input } = migration;
  await inPool(groupTables(record.tables, input.copy.chunkBytes, 1), input.copy.parallelism, async (group) => {
    const what = group.tables.length === 1 ? group.label : `${group.tables.length} tables`;
    await long.buildLiveTables.executeWithOptions({ summary: `Indexes of ${what}` }, [
      { ...workOn(migration, group.tables), lane: `build/${group.label}` },
    ]);
  });
}

/** Asks a person whether to copy anew, which is all that is left to do. */
async function startOver(migration: Migration, failure: RootFailure): Promise<void> {
  const { record, decisions } = migration;
  record.lastFailure = `${failure.code}: ${failure.message}`;
  decisions.holdBy('temporal-migrate', `the change stream ended: ${failure.message}; resume copies everything anew`);
  await resumed(migration);
  migration.epoch = await long.startOver.executeWithOptions({ summary: 'Empty the tables for a fresh copy' }, [
    workOn(migration, allTables(migration)),
  ]);
  record.forgetCopy();
  migration.compared = null;
  decisions.forgetApprovals();
}
