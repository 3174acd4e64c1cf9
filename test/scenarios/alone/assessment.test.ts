import { readFile } from 'node:fs/promises';
import type { AssessmentResult } from '../../../domain/assessmentResult';
import type { MigrationRun } from '../../../scripts/migrationRun';
import { mysqlSessions, query, type MysqlSession } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { connect, until } from '../mysqlSource/stage';

const SHOP = `
  CREATE TABLE Customer (
    CustomerId INT AUTO_INCREMENT PRIMARY KEY, Email VARCHAR(100) NOT NULL, State ENUM('new', 'old'), UNIQUE KEY email (Email));
  CREATE TABLE \`Order\` (
    OrderId BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, CustomerId INT NOT NULL,
    CONSTRAINT order_customer FOREIGN KEY (CustomerId) REFERENCES Customer (CustomerId));
  CREATE TABLE Log (Line VARCHAR(50), At DATETIME);
  INSERT INTO Customer (CustomerId, Email) VALUES (1, 'ann@example.com'), (2, 'bob@example.com');
  INSERT INTO \`Order\` (CustomerId) VALUES (1), (2), (2);`;

/** Everything that either server has: whatever is made, dropped or altered shows here. */
const TARGET_CATALOG = `
  SELECT 'relation' AS what, n.nspname || '.' || relname AS name, relkind::text AS kind FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
  UNION ALL SELECT 'type', n.nspname || '.' || typname, typtype::text FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace
  UNION ALL SELECT 'function', oid::text, prokind::text FROM pg_proc
  UNION ALL SELECT 'schema', nspname, coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname NOT LIKE 'pg_temp%' AND nspname NOT LIKE 'pg_toast_temp%'
  ORDER BY 1, 2, 3`;
const SOURCE_CATALOG = {
  objects: `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, CREATE_TIME, UPDATE_TIME FROM information_schema.TABLES
    WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema') ORDER BY 1, 2`,
  settings: `SHOW GLOBAL VARIABLES WHERE Variable_name NOT LIKE '%timestamp%' AND Variable_name NOT LIKE 'gtid_binlog%'`,
};

async function assess(run: MigrationRun): Promise<AssessmentResult> {
  return (await run.result()) as unknown as AssessmentResult;
}

describe.each(['mysql', 'mariadb'] as const)('an assessment of a %s shop', (flavour) => {
  let stage: MigrationStage;
  beforeAll(async () => {
    stage = await MigrationStage.open({ flavour, load: SHOP });
    await stage.startWorker();
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  const start = (options: object): Promise<MigrationRun> => stage.start(options, 'databaseAssessment');

  async function catalogs(): Promise<unknown> {
    return {
      target: await query(stage.targetUrl, TARGET_CATALOG),
      objects: await query(stage.sourceUrl, SOURCE_CATALOG.objects),
      settings: await query(stage.sourceUrl, SOURCE_CATALOG.settings),
    };
  }

  test('tells what a migration would make and find, and leaves both servers exactly as they were', async () => {
    const before = await catalogs();
    const run = await start({ targetFreeBytes: 1e12 });
    const result = await assess(run);
    expect(await catalogs()).toEqual(before);
    expect(result).toMatchObject({
      outcome: 'ready',
      statements: { table: 3, primaryKey: 2, unique: 1, foreignKey: 1, type: 1 },
      estimate: { rows: 5 },
      digest: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown,
    });
    expect(result.network.source?.megabitsPerSecond).toBeGreaterThan(0);
    expect(result.tables.map(({ name, rows }) => [name, rows]).sort()).toEqual([
      ['Customer', 2],
      ['Log', 0],
      ['Order', 3],
    ]);
    expect(result.findings).toContainEqual(expect.objectContaining({ code: 'TABLE_WITHOUT_KEY', object: 'Log' }));
    expect(result.phases.map(({ name }) => name)).toEqual(['preflight', 'assessment']);
    expect(await run.progress()).toMatchObject({
      phase: 'done',
      waitingFor: null,
      rowsTotal: 5,
      evidence: result.digest,
    });
  });

  test('writes every statement and finding into its report', async () => {
    const { reportPath, digest } = await assess(await start({}));
    const report = JSON.parse(await readFile(reportPath ?? '', 'utf8')) as Record<string, unknown>;
    expect(report).toMatchObject({ source: 'shop_mysql', target: 'shop_pg', digest });
    expect(JSON.stringify(report['plan'])).toMatch(/create table .{1,20}customer/i);
    expect(JSON.stringify(report)).not.toContain(decodeURIComponent(new URL(stage.targetUrl).password));
  });

  test('is blocked where a migration would be, and names all of it at once', async () => {
    await query(stage.targetUrl, 'CREATE TABLE customer (a int)');
    const result = await assess(await start({ targetFreeBytes: 1 }));
    await query(stage.targetUrl, 'DROP TABLE customer');
    const blocking = result.findings.filter(({ severity }) => severity === 'blocking').map(({ code }) => code);
    expect([result.outcome, ...blocking.sort()]).toEqual(['blocked', 'TARGET_SPACE', 'TARGET_TABLE_EXISTS']);
    expect(result.findings).toContainEqual(expect.objectContaining({ code: 'TARGET_NOT_EMPTY' }));
  });
});

test('an assessment that is cancelled ends at once, whatever it waits for', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await stage.startWorker();
  const holder = await connect(stage.sourceUrl);
  try {
    await holder.query('LOCK TABLES Log WRITE');
    const run = await stage.start({}, 'databaseAssessment');
    const waits = ({ state, statement }: MysqlSession): boolean =>
      state.startsWith('Waiting for table') && statement.includes('FROM `Log`');
    await until(async () => (await mysqlSessions(stage.sourceUrl)).some(waits), 60_000);
    await stage.cli.cancel(run.workflowId);
    expect((await stage.cli.result(run.workflowId)).status).toBe('CANCELED');
  } finally {
    await holder.end();
  }
});

test('a server that does not answer is told, with what the other one has', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  const gone = new URL(stage.targetUrl);
  gone.port = '1';
  await stage.startWorker({ MIGRATION_CONNECTION_SHOP_PG: gone.href });
  const result = await assess(await stage.start({}, 'databaseAssessment'));
  expect(result).toMatchObject({ outcome: 'blocked', digest: null, reportPath: null, targetVersion: 'unknown' });
  expect(result.sourceVersion).toMatch(/^MySQL/);
  expect(result.findings).toContainEqual(
    expect.objectContaining({ code: 'LOGIN_FAILED', reason: expect.stringMatching(/nothing listens/) as unknown }),
  );
});
