import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';

const SHOP = `
  CREATE TABLE Customer (
    CustomerId INT AUTO_INCREMENT PRIMARY KEY, Email VARCHAR(100) NOT NULL, Vip TINYINT(1) NOT NULL DEFAULT 0,
    Balance DECIMAL(12,2) NOT NULL DEFAULT 0, Joined DATETIME(3) NOT NULL, UNIQUE KEY email (Email)) AUTO_INCREMENT = 500;
  CREATE TABLE \`Order\` (
    OrderId BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, CustomerId INT NOT NULL, Note TEXT,
    KEY customer (CustomerId), CONSTRAINT order_customer FOREIGN KEY (CustomerId) REFERENCES Customer (CustomerId) ON DELETE CASCADE);
  CREATE TABLE Log (Line VARCHAR(50), At TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO Customer (CustomerId, Email, Vip, Balance, Joined) VALUES
    (1, 'ann@example.com', 1, 12.50, '2024-01-02 03:04:05.678'), (2, 'bob@example.com', 0, -0.01, '1999-12-31 23:59:59.999');
  INSERT INTO \`Order\` (CustomerId, Note) VALUES (1, 'first'), (1, NULL), (2, 'tab\\tand ''quote''');
  INSERT INTO Log (Line) VALUES ('same'), ('same'), (NULL);`;

const writeFails = /read.?only/i;

describe.each(['mysql', 'mariadb'] as const)('a %s shop becomes a PostgreSQL shop', (flavour) => {
  let stage: MigrationStage;
  let applicationUrl: string;
  beforeAll(async () => {
    stage = await MigrationStage.open({ flavour, load: SHOP });
    // MariaDB's read_only lets an administrator write; an application is none.
    await execute(stage.sourceUrl, `CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT INSERT ON shop.* TO app@'%'`);
    applicationUrl = stage.source.url('shop', 'app', 'app');
    await stage.startWorker();
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  test('approved, copied, verified, switched, accepted: and the result tells it', async () => {
    const file = join(stage.folder, 'shop.json');
    await writeFile(file, 'old');
    const run = await stage.start({ cutover: { switch: [{ kind: 'file', path: file, content: 'new' }] } });
    const waiting = await run.until(({ waitingFor }) => waitingFor === 'approval');
    expect(waiting.phase).toBe('awaiting approval');
    expect(waiting.evidence).toMatch(/^[0-9a-f]{12}$/);
    // Nothing stops the application before the approval.
    await execute(stage.sourceUrl, `INSERT INTO Log (Line) VALUES ('late')`);
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    expect(await readFile(file, 'utf8')).toBe('new');
    await expect(execute(applicationUrl, `INSERT INTO Log (Line) VALUES ('too late')`)).rejects.toThrow(writeFails);
    const result = await run.accept();
    expect(result.outcome).toBe('accepted');
    expect(
      result.tables.map(({ name, targetName, sourceRows, targetRows, verifiedRows, mismatches }) => ({
        name,
        targetName,
        sourceRows,
        targetRows,
        verifiedRows,
        mismatches,
      })),
    ).toEqual(
      expect.arrayContaining([
        { name: 'Customer', targetName: 'customer', sourceRows: 2, targetRows: 2, verifiedRows: 2, mismatches: 0 },
        { name: 'Order', targetName: 'order', sourceRows: 3, targetRows: 3, verifiedRows: 3, mismatches: 0 },
        { name: 'Log', targetName: 'log', sourceRows: 4, targetRows: 4, verifiedRows: 4, mismatches: 0 },
      ]),
    );
    expect(result.phases.map(({ name }) => name)).toEqual([
      'preflight',
      'assessment',
      'plan',
      'backup',
      'trial',
      'prepareTarget',
      'awaiting approval',
      'cutover',
      'copy',
      'buildTarget',
      'verify',
      'observe',
      'awaiting acceptance',
      'retire',
    ]);
    expect(result.decisions.map(({ kind, by }) => ({ kind, by }))).toEqual([
      { kind: 'approve', by: 'ann' },
      { kind: 'accept', by: 'ann' },
    ]);
    expect(JSON.parse(await readFile(result.reportPath ?? '', 'utf8'))).toMatchObject({ outcome: 'accepted' });
    expect((await stage.cli.describe(`${run.workflowId}/retention`)).workflowExecutionInfo.status).toContain('RUNNING');
  });

  test('no password is in a history, the log, the report or the process list', async () => {
    const workflows = (await stage.cli.list()).map(({ execution }) => execution.workflowId);
    expect(workflows.length).toBeGreaterThanOrEqual(4);
    const histories = await Promise.all(workflows.map(async (id) => JSON.stringify(await stage.cli.history(id))));
    const payloads = histories.flatMap((text) =>
      [...text.matchAll(/"data":"([^"]+)"/g)].map(([, data]) => Buffer.from(data ?? '', 'base64').toString('utf8')),
    );
    const reports = await Promise.all(
      (await readdir(stage.folder)).map((name) => readFile(join(stage.folder, name), 'utf8')),
    );
    const commands = await readFile(`/proc/${stage.workers[0]?.pid}/cmdline`, 'utf8');
    const told = [...histories, ...payloads, ...reports, commands, ...stage.workers.map(({ log }) => log)].join('\n');
    for (const url of [stage.sourceUrl, stage.targetUrl])
      expect(told).not.toContain(decodeURIComponent(new URL(url).password));
  });

  test('the values, keys and counters are there', async () => {
    expect(
      await query(
        stage.targetUrl,
        `SELECT customerid, email, vip, balance::text, joined::text FROM customer ORDER BY 1`,
      ),
    ).toEqual([
      { customerid: 1, email: 'ann@example.com', vip: true, balance: '12.50', joined: '2024-01-02 03:04:05.678' },
      { customerid: 2, email: 'bob@example.com', vip: false, balance: '-0.01', joined: '1999-12-31 23:59:59.999' },
    ]);
    await execute(stage.targetUrl, `INSERT INTO customer (email, joined) VALUES ('next', now())`);
    expect(await query(stage.targetUrl, `SELECT customerid FROM customer WHERE email = 'next'`)).toEqual([
      { customerid: 500 },
    ]);
    await expect(
      execute(stage.targetUrl, `INSERT INTO customer (email, joined) VALUES ('ann@example.com', now())`),
    ).rejects.toThrow(/unique/);
    await execute(stage.targetUrl, `DELETE FROM customer WHERE customerid = 1`);
    expect(await query(stage.targetUrl, `SELECT orderid::int FROM "order"`)).toEqual([{ orderid: 3 }]);
  });
});

test('a rollback behind the switch puts the file back, frees the source, and keeps what was written on the target', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await stage.startWorker();
  const file = join(stage.folder, 'shop.json');
  await writeFile(file, 'old');
  const run = await stage.start({ cutover: { switch: [{ kind: 'file', path: file, content: 'new' }] } });
  await run.approve();
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await execute(stage.targetUrl, `INSERT INTO log (line) VALUES ('written on the target')`);
  await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
  const result = await run.result();
  expect(result.outcome).toBe('rolledBack');
  expect(await readFile(file, 'utf8')).toBe('old');
  await execute(stage.sourceUrl, `INSERT INTO Log (Line) VALUES ('the source lives')`);
  expect(await query(stage.targetUrl, `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`)).toEqual([
    { n: 0 },
  ]);
  expect(
    await query(stage.targetUrl, `SELECT line FROM "${result.keptSchema}".log WHERE line LIKE 'written%'`),
  ).toHaveLength(1);
});

test.each(['rejectCutover', 'cancel'])(
  '%s before the cutover removes what was made and leaves the source alone',
  async (how) => {
    await using stage = await MigrationStage.open({ load: SHOP });
    await stage.startWorker();
    const run = await stage.start();
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    expect(
      await query(stage.targetUrl, `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`),
    ).toEqual([{ n: 3 }]);
    if (how === 'cancel') {
      await stage.cli.cancel(run.workflowId);
      expect((await stage.cli.result(run.workflowId)).status).toBe('CANCELED');
    } else {
      await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
      expect((await run.result()).outcome).toBe('rejected');
    }
    expect(
      await query(
        stage.targetUrl,
        `SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
      ),
    ).toEqual([{ n: 0 }]);
    await execute(stage.sourceUrl, `INSERT INTO Log (Line) VALUES ('still writable')`);
  },
);
