import { query } from '../../helpers/databases';
import { ledgerOf, LIVE_TABLES, LiveWriters } from '../../helpers/liveWriters';
import { MigrationStage } from '../../helpers/migrationStage';

describe.each(['mysql', 'mariadb'] as const)('a migration from %s is rolled back after its switch', (flavour) => {
  let stage: MigrationStage;
  let writers: LiveWriters | null = null;
  beforeAll(async () => {
    stage = await MigrationStage.open({ flavour, load: LIVE_TABLES });
    await stage.startWorker();
  });
  afterAll(async () => {
    await writers?.stop().catch(() => undefined);
    await stage[Symbol.asyncDispose]();
  });

  test('and every write that was acknowledged on either side is in the source', async () => {
    const applicationUrl = await stage.applicationUrl();
    writers = await LiveWriters.start(applicationUrl, 8, 21, 100_000);
    const run = await stage.start({ strategy: 'live', trial: { percent: 0 } });
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await writers.moveTo(stage.targetUrl);
    await writers.doMore(2_000);
    await run.signal('requestRollback', { by: 'ann', reason: 'the new side is slow' });
    const result = await run.result();
    expect(result.outcome).toBe('rolledBack');
    expect(result.findings.filter(({ code }) => /WAY_BACK|ROLLBACK|WRITTEN/u.test(code))).toEqual([]);
    await writers.moveTo(applicationUrl);
    await writers.doMore(500);
    await writers.stop();
    expect(await ledgerOf(stage.sourceUrl)).toEqual(writers.ledger());
    writers = null;
    const left = "SELECT 1 AS one FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'temporal_migrate'";
    expect(await query(stage.sourceUrl, left)).toEqual([]);
    const slots = 'SELECT slot_name FROM pg_replication_slots WHERE database = current_database()';
    expect(await query(stage.targetUrl, slots)).toEqual([]);
  });
});
