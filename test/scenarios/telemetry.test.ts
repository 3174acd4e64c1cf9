import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/servers/ports';
import { projectFolder, run } from '../../scripts/servers/run';
import { startTemporal, type TemporalServer } from '../../scripts/servers';
import { SEARCH_ATTRIBUTES } from '../../domain/searchAttributes';
import { MigrationStage } from '../helpers/migrationStage';
import { findSecrets, keepHistories, recordsIn } from '../helpers/secretSearch';

describe('a migration that is watched from outside', () => {
  let temporal: TemporalServer;
  let stage: MigrationStage;
  beforeAll(async () => {
    temporal = await startTemporal();
    stage = await MigrationStage.open({
      temporalAddress: temporal.address,
      load: `CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)`,
    });
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await temporal.remove();
  });

  test('counts what it moves for Prometheus, logs as JSON, and is found by phase once setup has run', async () => {
    const setup = async (): Promise<string> =>
      run(process.execPath, [join(projectFolder(), 'scripts', 'launch.mjs'), 'scripts/setup'], {
        environment: { TEMPORAL_ADDRESS: temporal.address },
      });
    expect(await setup()).toContain(
      `registered in namespace "default": ${Object.values(SEARCH_ATTRIBUTES).join(', ')}`,
    );
    expect(await setup()).toContain('has them all');

    const address = `127.0.0.1:${await freePort()}`;
    const worker = await stage.startWorker({
      MIGRATION_METRICS_ADDRESS: address,
      MIGRATION_LOG: 'json',
      MIGRATION_LOG_LEVEL: 'DEBUG',
    });
    const migration = await stage.start();
    await migration.until(({ waitingFor }) => waitingFor === 'approval');
    const { searchAttributes } = (await stage.cli.describe(migration.workflowId)).workflowExecutionInfo;
    expect(JSON.stringify(searchAttributes)).toContain(
      JSON.stringify(Buffer.from('"awaiting approval"').toString('base64')),
    );
    await migration.approve();
    await migration.until(({ waitingFor }) => waitingFor === 'acceptance');

    const metrics = await (await fetch(`http://${address}/metrics`)).text();
    expect(metrics).toMatch(/^temporal_migrate_rows_copied(_total)?\{.*\} 3$/m);
    expect(metrics).toMatch(/^temporal_migrate_rows_verified(_total)?\{.*\} 3$/m);
    expect(metrics).toMatch(/^temporal_migrate_rows_mismatched(_total)?\{.*\} 0$/m);
    for (const phase of ['preflight', 'copy', 'verify', 'cutover']) {
      expect(metrics).toMatch(new RegExp(`^temporal_migrate_phase_seconds_count\\{.*phase="${phase}".*\\} 1$`, 'm'));
    }
    expect(metrics).toMatch(/^temporal_migrate_phase_seconds_bucket\{.*phase="copy".*,le="604800"\} 1$/m);
    expect(metrics).toMatch(/^temporal_migrate_write_pause_seconds_count\{.*\} 1$/m);
    const [, paused] = /^temporal_migrate_write_pause_seconds_sum\{.*\} ([\d.]+)$/m.exec(metrics) ?? [];
    expect(Number(paused) * 1_000).toBeCloseTo((await migration.progress()).freezeMs, 3);
    await migration.accept();

    const entries = worker.log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toContainEqual(
      expect.objectContaining({ level: 'DEBUG', workflowId: migration.workflowId, activityType: 'preflight' }),
    );
  });

  test('leaves its histories, payloads in the clear, for the search for passwords', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-histories-'));
    try {
      await keepHistories(temporal.address, folder);
      const { searched } = await recordsIn(folder);
      const found = findSecrets(['"source":"shop_mysql"'], searched);
      expect(found).toEqual([expect.stringContaining('histories-')]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a setting of the environment that cannot be is named, with what it may be', async () => {
    await expect(stage.startWorker({ MIGRATION_LOG: 'xml' })).rejects.toThrow(/MIGRATION_LOG: .*"text"\|"json"/);
    await expect(stage.startWorker({ MIGRATION_METRICS_ADDRESS: 'nowhere' })).rejects.toThrow(
      /MIGRATION_METRICS_ADDRESS/,
    );
  });
});
