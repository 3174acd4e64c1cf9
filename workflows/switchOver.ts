import { CancellationScope, condition } from '@temporalio/workflow';
import { long, quick } from './activityProxies';
import { Compensations } from './compensations';
import { inPool } from './concurrency';
import { extractWritten } from './extract';
import { wasCutOff } from './failures';
import { allTables, workOn, type Migration } from './migration';
import { hasWayBack, reverseWork } from './wayBack';

/**
 * What comes behind the commit point: the application's traffic goes to the target. No failure undoes anything here;
 * each step is repeated until its check holds, unless a person asks for a rollback.
 */
export async function switchOver(migration: Migration): Promise<void> {
  const { decisions, record, input } = migration;
  migration.compensations = rollbackOf(migration);
  decisions.reversible = true;
  if (hasWayBack(input)) {
    // The source is written to again, by this migration alone: how it stood at the freeze tells nothing any more.
    record.freeze = null;
    migration.wayBack.begin(migration);
  }
  const scope = new CancellationScope();
  const switching = scope.run(() => switchTraffic(migration));
  const asked = condition(() => decisions.rollbackRequest !== null).then(() => scope.cancel());
  try {
    await Promise.race([switching, asked.then(() => switching)]);
  } catch (error) {
    if (!wasCutOff(error) || decisions.rollbackRequest === null) throw error;
  }
}

async function switchTraffic(migration: Migration): Promise<void> {
  const { input, run, record } = migration;
  if (input.targetGrants.length > 0) {
    // Not earlier: before the commit point the target refuses everybody's writes.
    const roles = input.targetGrants.map(({ role }) => role).join(', ');
    await long.grantAccess.executeWithOptions({ summary: `Let ${roles} use the tables` }, [run]);
  }
  await inPool([...input.cutover.switch.entries()], 1, async ([index, step]) => {
    migration.compensations.register(`switch ${index + 1} back`, async () => {
      await long.undoSwitch.executeWithOptions({ summary: `Switch back: ${step.kind}` }, [run, step]);
    });
    await long.applySwitch.executeWithOptions({ summary: `Switch: ${step.kind}` }, [run, step]);
  });
  // The application writes to the target from here on, however long the source stays frozen.
  record.writePause.end();
  record.onChange();
  if (input.strategy === 'live') {
    await long.checkForeignKeys.executeWithOptions({ summary: 'Check the foreign keys that were made unchecked' }, [
      workOn(migration, allTables(migration)),
    ]);
  }
}

/** It is not needed any more, or lost. */
export async function endWayBack(migration: Migration): Promise<void> {
  await migration.wayBack.end();
  await long.dropWayBack.executeWithOptions({ summary: 'End the way back' }, [reverseWork(migration)]);
}

/** The way back from a live target: traffic first (registered by each step), then the target's tables, then the source. */
function rollbackOf(migration: Migration): Compensations {
  const { run, record, input } = migration;
  const rollback = new Compensations();
  rollback.register('close the run', () =>
    quick.closeRun.executeWithOptions({ summary: 'Note the rollback' }, [run, 'rolledBack']),
  );
  rollback.register('unfreeze the source', async () => {
    await quick.unfreezeSource.executeWithOptions({ summary: 'Make the source writable again' }, [run, 'committed']);
    record.writePause.end();
    record.sourceFrozen = false;
  });
  rollback.register('extract what was written', async () => {
    if (!migration.returned) await extractWritten(migration);
  });
  rollback.register('set the tables aside', async () => {
    record.keptSchema = await quick.setAside.executeWithOptions(
      { summary: 'Keep what was written on the target, out of the way' },
      [run],
    );
  });
  if (hasWayBack(input)) rollback.register('end the way back', () => endWayBack(migration));
  if (input.cutover.switch.length > 0) {
    rollback.register('note the switches', () =>
      quick.noteSwitchedBack.executeWithOptions({ summary: 'Note that the traffic is back' }, [run]),
    );
  }
  return rollback;
}
