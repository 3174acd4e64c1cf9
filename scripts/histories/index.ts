import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { MigrationRun } from '../migrationRun';
import { findProgram, startMysql, startPostgres, startTemporal } from '../servers';
import { projectFolder, reasonOf, say } from '../servers/run';
import { TemporalCli } from '../temporalCli';
import { WorkerProcess } from '../workerProcess';
import { withoutTraces } from './withoutTraces';

/** How each recorded migration is made to end; the name is the file's. */
const ENDINGS: Readonly<Record<string, (run: MigrationRun, cli: TemporalCli) => Promise<void>>> = {
  accepted: async (run) => {
    await run.signal('approveCutover', { approver: 'too early' });
    await run.approve();
    await run.accept();
  },
  rolledBack: async (run) => {
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
    await run.result();
  },
  rejected: async (run) => {
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
    await run.result();
  },
  cancelled: async (run, cli) => {
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await cli.cancel(run.workflowId);
    await cli.result(run.workflowId);
  },
  paused: async (run) => {
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.signal('throttle', { rowsPerSecond: 2_000 });
    await run.approve();
    await run.until(({ phase }) => phase === 'copy');
    await run.signal('pause', { by: 'ann' });
    await run.until(({ waitingFor }) => waitingFor === 'resume');
    await run.signal('resume', { by: 'ann' });
    await run.signal('throttle', { rowsPerSecond: 0 });
    await run.accept();
  },
};

/** The same of live ones. */
const LIVE_ENDINGS: typeof ENDINGS = {
  liveAccepted: async (run) => {
    await run.approve();
    await run.accept();
  },
  liveRolledBack: async (run) => {
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
    await run.result();
  },
};

/** What runs alone, by the name of its history, against the target of the migration that was accepted. */
const ALONE: Readonly<Record<string, string>> = { assessed: 'databaseAssessment', compared: 'databaseVerification' };

/** `npm run histories`: records the histories that test/replay replays, after a change that old runs cannot replay. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-histories-'));
  const [source, target, temporal] = await Promise.all([startMysql(), startPostgres(), startTemporal()]);
  const cli = new TemporalCli({ program: await findProgram('temporal'), address: temporal.address });
  const environment = { MIGRATION_FILE_ROOTS: folder, MIGRATION_PG_DUMP: await findProgram('pg_dump') };
  await load(source.url());
  for (const [name, end] of Object.entries({ ...ENDINGS, ...LIVE_ENDINGS })) {
    const client = new Client({ connectionString: target.url('postgres') });
    await client.connect();
    await client.query(`CREATE DATABASE ${name.toLowerCase()}`);
    await client.end();
    const worker = await WorkerProcess.start({
      temporalAddress: temporal.address,
      connections: { SHOP_MYSQL: source.url('shop'), SHOP_PG: target.url(name.toLowerCase()) },
      environment,
    });
    const switchStep = { kind: 'file', path: join(folder, 'shop.json'), content: '{"shop":"target"}' };
    const run = new MigrationRun(cli, name);
    await run.start({
      source: 'shop_mysql',
      target: 'shop_pg',
      copy: { chunkBytes: 65_536 },
      cutover: { switch: [switchStep] },
      strategy: name in LIVE_ENDINGS ? 'live' : 'bigBang',
    });
    await end(run, cli);
    await keep(cli, name, folder);
    await worker.stop();
    // What was accepted leaves its source read-only, and the next one needs it writable.
    await unfreeze(source.url());
    say(`recorded ${name}`);
  }
  const worker = await WorkerProcess.start({
    temporalAddress: temporal.address,
    connections: { SHOP_MYSQL: source.url('shop'), SHOP_PG: target.url('accepted') },
    environment,
  });
  for (const [name, type] of Object.entries(ALONE)) {
    const run = new MigrationRun(cli, name);
    await run.start({ source: 'shop_mysql', target: 'shop_pg' }, type);
    await run.result();
    await keep(cli, name, folder);
    say(`recorded ${name}`);
  }
  await worker.stop();
  await Promise.all([source.remove(), target.remove(), temporal.remove()]);
  await rm(folder, { recursive: true });
}

async function keep(cli: TemporalCli, name: string, folder: string): Promise<void> {
  const history = withoutTraces(await cli.history(name), folder);
  await writeFile(
    join(projectFolder(), 'test', 'replay', 'histories', `${name}.json`),
    `${JSON.stringify(history, null, 1)}\n`,
  );
}

async function load(url: string): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  await connection.query(`
    CREATE DATABASE shop; USE shop;
    CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL);
    CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, note VARCHAR(200),
      FOREIGN KEY (customer_id) REFERENCES customers (id));
    SET SESSION cte_max_recursion_depth = 10000;
    INSERT INTO customers (name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT CONCAT('customer ', i) FROM n;
    INSERT INTO orders (customer_id, note) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT 1 + i % 100, REPEAT('x', 100) FROM n;
    ANALYZE TABLE customers, orders`);
  await connection.end();
}

async function unfreeze(url: string): Promise<void> {
  const connection = await createConnection({ uri: url });
  await connection.query('SET GLOBAL super_read_only = OFF');
  await connection.query('SET GLOBAL read_only = OFF');
  await connection.end();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(reasonOf(error));
    process.exit(1);
  },
);
