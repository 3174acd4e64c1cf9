import { compareDatabases } from '../../helpers/compareDatabases';
import { execute, query } from '../../helpers/databases';
import { HeldBuilds } from '../../helpers/faultsHold';
import type { FaultyMigration } from '../../helpers/faultsMigration';
import { ALL_ROWS } from '../../helpers/faultsSource';
import { FaultStage } from '../../helpers/faultsStage';
import { stories } from '../../helpers/faultsStories';
import { expectUndone, prepareToUndo } from '../../helpers/faultsUndone';

describe('what was begun is undone to its end, and no more than that, when workers are killed amid the undo', () => {
  stories(() => FaultStage.open({ readOnly: true }), {
    'of a rejected migration: amid a DROP TABLE, and behind the last': async (stage) => {
      const migration = await stage.migrate({ faults: [null, { at: 'compensation.done@dropMade' }] });
      await toApproval(migration);
      await using statements = await HeldBuilds.on(migration.targetUrl);
      await migration.run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
      await migration.accountable(async () => {
        await statements.amid('drop', () => migration.supervisor.worker.kill());
        await statements.release('drop');
        expect((await migration.run.result()).outcome).toBe('rejected');
        await expectUndone(migration, 'aborted');
      });
      expect(migration.supervisor.deaths).toBe(2);
    },

    // A freeze stops the whole server: each of these has one of its own.
    'of a migration that is cancelled amid its copy': async () => {
      await using stage = await FaultStage.open({});
      const migration = await stage.migrate({
        faults: [
          { at: 'compensation.done@abortCutover' },
          { at: 'compensation.begun@unfreezeSource' },
          { at: 'compensation.done@unfreezeSource' },
          { at: 'compensation.done@emptyTables' },
        ],
        copy: { rowsPerSecond: 4_000 },
      });
      await toApproval(migration);
      await migration.run.approve();
      await migration.untilAmidChunks();
      await migration.run.cancel();
      await migration.accountable(async () => {
        await expect(migration.run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
        await expectUndone(migration, 'aborted');
      });
      await expectWritable(stage);
      expect(migration.supervisor.hits).toHaveLength(4);
    },

    'of a target that is live: the switch, the tables set aside, the freeze': async () => {
      await using stage = await FaultStage.open({});
      const migration = await stage.migrate({
        faults: [
          { at: 'compensation.done@undoSwitch' },
          null,
          { at: 'compensation.done@setAside' },
          { at: 'compensation.done@unfreezeSource' },
          { at: 'compensation.begun@closeRun' },
        ],
      });
      await toApproval(migration);
      await migration.run.approve();
      await migration.run.until('asks for acceptance', ({ waitingFor }) => waitingFor === 'acceptance');
      await using statements = await HeldBuilds.on(migration.targetUrl);
      await migration.run.signal('requestRollback', { by: 'bob', reason: 'slow' });
      const { outcome, keptSchema } = await migration.accountable(async () => {
        await statements.amid('move', () => migration.supervisor.worker.kill());
        await statements.release('move');
        return migration.run.result();
      });
      expect(outcome).toBe('rolledBack');
      await expectUndone(migration, 'rolledBack', keptSchema ?? null);
      expect(await compareDatabases(stage.sourceUrl, migration.targetUrl, keptSchema ?? '')).toBe(ALL_ROWS);
      await expectWritable(stage);
      expect(migration.supervisor.hits).toHaveLength(4);
      expect(migration.supervisor.deaths).toBe(5);
    },
  });
});

async function toApproval(migration: FaultyMigration): Promise<void> {
  await migration.run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
  await prepareToUndo(migration);
}

async function expectWritable(stage: FaultStage): Promise<void> {
  const settings = await query(stage.sourceUrl, 'SELECT @@global.read_only + @@global.super_read_only AS frozen');
  expect(settings).toEqual([{ frozen: 0 }]);
  await execute(stage.sourceUrl, `INSERT INTO journal (what) VALUES ('written again')`);
}
