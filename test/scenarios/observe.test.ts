import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { MigrationResult } from '../../domain/result';
import type { MigrationRun } from '../../scripts/migrationRun';
import { execute, query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';
import { ObservedApplication } from '../helpers/observedApplication';
import { sharedServers } from '../helpers/servers';

const SHOP = `
  CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, picture BLOB);
  CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, note LONGTEXT,
    CONSTRAINT customer FOREIGN KEY (customer_id) REFERENCES customers (id));
  CREATE TABLE Log (line VARCHAR(50), amount DECIMAL(10,2));
  INSERT INTO customers (name, picture) VALUES ('ann', 0x00ff), ('bob', NULL), ('eve', NULL);
  INSERT INTO orders (customer_id, note) SELECT 1 + (a.id + b.id + c.id) % 3, 'old' FROM customers a, customers b, customers c;
  INSERT INTO Log VALUES ('same', 1.50), ('same', 1.50), (NULL, NULL)`;

/** Nothing but what a test crosses may end its observation. */
const LENIENT = {
  maxErrorRate: 1,
  maxResponseTimeFactor: 1_000,
  maxValidationFailureRate: 1,
  maxCriticalIssues: 1_000,
};

/** Roles are the whole server's, so this one is the test's own. */
const ROLE = `shop_${randomBytes(4).toString('hex')}`;

let stage: MigrationStage;
let app: ObservedApplication;
let file: string;

beforeAll(async () => {
  stage = await MigrationStage.open({ load: SHOP });
  // The server's administrator writes through a freeze; an application is none.
  await execute(stage.sourceUrl, `CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT ALL ON shop.* TO app@'%'`);
  await execute(stage.targetUrl, `CREATE ROLE ${ROLE} LOGIN PASSWORD 'app'`);
  const asRole = new URL(stage.targetUrl);
  [asRole.username, asRole.password] = [ROLE, 'app'];
  file = join(stage.folder, 'database');
  await writeFile(file, 'SOURCE');
  app = await ObservedApplication.start(file, {
    SOURCE: stage.source.url('shop', 'app', 'app'),
    TARGET: asRole.href,
  });
  // The first of them to extract a row of orders dies of it.
  const dying = { MIGRATION_FAULT_POINT: `extract.row@orders=${join(stage.folder, 'died')}` };
  for (let worker = 0; worker < 2; worker += 1) await stage.startWorker({ MIGRATION_HTTP_HOSTS: app.host, ...dying });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  await execute(sharedServers().postgresUrl, `DROP ROLE IF EXISTS ${ROLE}`);
});

/** A migration that is live, and observed. */
async function live(observe: object, path = '/'): Promise<MigrationRun> {
  const run = await stage.start({
    cutover: { switch: [{ kind: 'file', path: file, content: 'TARGET' }] },
    targetGrants: [{ role: ROLE, privileges: 'readWrite' }],
    // What a test before has broken on purpose is kept on the target, and could not be restored.
    backup: { mode: 'none' },
    observe: { duration: '10 minutes', ...LENIENT, probe: { url: `${app.url}${path}` }, ...observe },
  });
  await run.approve();
  await run.until(({ phase }) => phase === 'observe');
  return run;
}

/** The application is well again on the source, and why it went back there is told. */
async function rolledBackFor(run: MigrationRun, threshold: string): Promise<MigrationResult> {
  const result = await run.result();
  expect(result.outcome).toBe('rolledBack');
  expect(result.decisions.at(-1)).toMatchObject({
    kind: 'rollback',
    by: 'observe',
    comment: expect.stringContaining(`observe.${threshold}: `) as unknown,
  });
  expect(result.findings).toContainEqual(
    expect.objectContaining({ code: 'OBSERVE_BREACHED', object: `observe.${threshold}` }),
  );
  expect(result.observation?.breach).toContain(threshold);
  expect(await readFile(file, 'utf8')).toBe('SOURCE');
  expect(await app.status()).toBe(200);
  return result;
}

interface WrittenLine {
  readonly change: string;
  readonly key: Record<string, string>;
  readonly row: Record<string, string | null> | null;
}

/** The lines of a table's file, which is as its result says. */
async function linesOf({ writtenOnTarget }: MigrationResult, table: string): Promise<WrittenLine[]> {
  const written = writtenOnTarget?.find((other) => other.table === table);
  const text = await readFile(written?.path ?? '', 'utf8');
  expect((await stat(written?.path ?? '')).mode & 0o777).toBe(0o600);
  expect(createHash('sha256').update(text).digest('hex')).toBe(written?.sha256);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as WrittenLine);
  const number = (change: string): number => lines.filter((line) => line.change === change).length;
  expect(written).toMatchObject({ inserted: number('insert'), updated: number('update'), deleted: number('delete') });
  return lines;
}

test('errors of the application roll back, and files hold exactly what was written on the target', async () => {
  const run = await live({ maxErrorRate: 0.05 });
  const [last] = await query(stage.sourceUrl, 'SELECT max(id) AS id FROM orders');
  const long = 'x'.repeat(40_000);
  await execute(
    stage.targetUrl,
    `INSERT INTO orders (id, customer_id, note) VALUES (9000000, 2, '${long}');
     UPDATE customers SET name = 'Ann', picture = '\\x01' WHERE id = 1; UPDATE customers SET name = name WHERE id = 2;
     DELETE FROM orders WHERE id = 2; UPDATE log SET amount = 2.50 WHERE ctid = (SELECT min(ctid) FROM log)`,
  );
  const before = app.answered;
  while (app.answered < before + 3) await wait(100);
  await execute(stage.targetUrl, `REVOKE INSERT ON orders FROM ${ROLE}`);
  expect(await app.status()).toBe(500);
  const result = await rolledBackFor(run, 'maxErrorRate');
  expect(stage.workers.filter(({ running }) => running)).toHaveLength(1);
  expect(
    (await readdir(dirname(result.writtenOnTarget?.[0]?.path ?? ''))).filter((name) => name.endsWith('.part')),
  ).toEqual([]);
  const orders = await linesOf(result, 'orders');
  const kept = await query(
    stage.targetUrl,
    `SELECT id FROM "${result.keptSchema}".orders WHERE id > ${String(last?.['id'])}`,
  );
  const inserted = orders.filter(({ change }) => change === 'insert').map(({ key }) => Number(key['id']));
  expect(inserted.sort()).toEqual(kept.map(({ id }) => Number(id)).sort());
  expect(inserted.length).toBeGreaterThanOrEqual(4);
  expect(orders.find(({ key }) => key['id'] === '9000000')?.row).toEqual({
    id: '9000000',
    customer_id: '2',
    note: long,
  });
  expect(orders.filter(({ change }) => change === 'delete')).toEqual([
    { change: 'delete', key: { id: '2' }, row: null },
  ]);
  expect(orders.filter(({ change }) => change === 'update')).toEqual([]);
  expect(await linesOf(result, 'customers')).toEqual([
    { change: 'update', key: { id: '1' }, row: { id: '1', name: 'Ann', picture: '01' } },
  ]);
  expect(await linesOf(result, 'Log')).toEqual([
    { change: 'delete', key: {}, row: { line: 'same', amount: '1.50' } },
    { change: 'insert', key: {}, row: { line: 'same', amount: '2.50' } },
  ]);
  expect(JSON.parse(await readFile(result.reportPath ?? '', 'utf8'))).toHaveProperty('writtenOnTarget.0.sha256');
});

test('answers that became slow roll back', async () => {
  const run = await live({ maxResponseTimeFactor: 3 });
  await execute(
    stage.targetUrl,
    `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN new; END';
     CREATE TRIGGER slowly BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION slowly()`,
  );
  const result = await rolledBackFor(run, 'maxResponseTimeFactor');
  expect(result.observation?.baselineMs).toBeGreaterThan(0);
});

test('critical issues roll back', async () => {
  const run = await live({ maxCriticalIssues: 1 });
  // The next order fails, though nobody has ordered yet.
  await execute(stage.targetUrl, 'ALTER TABLE orders DISABLE TRIGGER ALL');
  const result = await rolledBackFor(run, 'maxCriticalIssues');
  expect(result.findings).toContainEqual(
    expect.objectContaining({
      code: 'CRITICAL_ISSUE',
      source: expect.stringContaining('CONSTRAINT_NOT_ENFORCED') as unknown,
    }),
  );
});

test('rows that are broken on the target roll back, whoever finds it', async () => {
  const run = await live({ maxValidationFailureRate: 0.001 });
  await execute(stage.targetUrl, `SET session_replication_role = replica; DELETE FROM customers WHERE id = 1`);
  const result = await rolledBackFor(run, 'maxValidationFailureRate');
  expect(result.observation?.breach).toContain('rows of orders refer to no row');
});

test('what stays below every threshold ends in awaiting acceptance; a worker that dies in it changes nothing', async () => {
  const run = await live({
    duration: '12 seconds',
    maxErrorRate: 0.05,
    maxResponseTimeFactor: 1_000,
    maxValidationFailureRate: 0.001,
    maxCriticalIssues: 10,
  });
  // A stumble: one probe or two meet a table that is locked away.
  await execute(stage.targetUrl, 'ALTER TABLE orders RENAME TO away');
  await wait(300);
  await execute(stage.targetUrl, 'ALTER TABLE away RENAME TO orders');
  await Promise.all(stage.workers.splice(0).map((worker) => worker.kill()));
  await stage.startWorker({ MIGRATION_HTTP_HOSTS: app.host });
  const { waitingFor } = await run.until(({ phase }) => phase === 'awaiting acceptance');
  expect(waitingFor).toBe('acceptance');
  await run.signal('requestRollback', { by: 'bob', reason: 'a test' });
  const { outcome, observation, decisions } = await run.result();
  expect([outcome, observation?.breach, observation?.observedMs]).toEqual(['rolledBack', null, 12_000]);
  expect(decisions.at(-1)).toMatchObject({ by: 'bob' });
});

test('an acceptance while it is observed ends the observation, and tells of how much', async () => {
  const run = await live({});
  await run.signal('acceptMigration', { approver: 'ann' });
  const { outcome, observation } = await run.result();
  expect(outcome).toBe('accepted');
  expect(observation?.plannedMs).toBe(600_000);
  expect(observation?.observedMs).toBeLessThan(60_000);
});

test('an address that the worker may not ask is refused before anything is touched', async () => {
  const run = await stage.start({ observe: { probe: { url: 'http://elsewhere.example/' } } });
  await expect(run.result()).rejects.toThrow(/elsewhere.example is not in MIGRATION_HTTP_HOSTS.*HOST_NOT_ALLOWED/);
});
