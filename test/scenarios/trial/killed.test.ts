import { query } from '../../helpers/databases';
import { FaultStage } from '../../helpers/faultsStage';

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open({ readOnly: true });
}, 900_000);
afterAll(() => stage[Symbol.asyncDispose]());

test.each([
  'copy.midway',
  'copy.beforeCommit',
  'trial.afterStep@build',
  'compensation.begun@removeTrial',
  'compensation.done@removeTrial',
] as const)(
  'a worker killed at %s of a trial leaves nothing of it, and the migration goes on to its exact end',
  async (at) => {
    const migration = await stage.migrate({ trial: { percent: 20 }, faults: [{ at }] });
    await migration.toTheEnd();
    expect(migration.deaths).toBe(1);
    expect(
      await query(migration.targetUrl, `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'temporal_migrate_trial%'`),
    ).toEqual([]);
    expect(
      await query(
        migration.targetUrl,
        `SELECT state FROM temporal_migrate.runs WHERE run_id LIKE '%-trial'
         UNION ALL SELECT table_name FROM temporal_migrate.chunks WHERE run_id LIKE '%-trial'`,
      ),
    ).toEqual([{ state: 'aborted' }]);
  },
);
