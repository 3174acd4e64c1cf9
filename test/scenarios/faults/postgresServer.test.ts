import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { HeldBuilds } from '../../helpers/faultsHold';
import { FaultStage } from '../../helpers/faultsStage';
import { until } from '../../helpers/faultsUntil';

describe('a PostgreSQL that is killed and started again has every row it had confirmed, and gets the others', () => {
  let postgres: DatabaseServer;
  let stage: FaultStage;
  beforeAll(async () => {
    // As in production: what is committed is on the disk, and a torn page is mended.
    const starting = startPostgres({ settings: { fsync: 'on', full_page_writes: 'on' } });
    stage = await FaultStage.open({ readOnly: true, postgres: starting });
    postgres = await starting;
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  const crash = async (): Promise<void> => {
    await postgres.kill();
    await postgres.start();
  };

  test('amid chunks, amid index builds, and amid verification', async () => {
    const migration = await stage.migrate({
      faults: [{ at: 'verify.afterPart', signal: 'SIGSTOP' }],
      copy: { rowsPerSecond: 8_000 },
    });
    await migration.run.approve();
    await migration.untilAmidChunks();
    await crash();
    await using builds = await HeldBuilds.on(migration.targetUrl);
    await builds.release('primaryKey');
    await builds.release('unique');
    await builds.amid('index', crash);
    const { supervisor } = migration;
    await until('the worker stands still amid verification', () => supervisor.hits.length > 0);
    await crash();
    supervisor.worker.wake();
    const result = await migration.fromApprovalToTheEnd();
    expect(supervisor.deaths).toBe(0);
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
  });
});
