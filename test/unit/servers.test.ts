import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as Temporal, Connection } from '@temporalio/client';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import {
  makeTlsFiles,
  startMariadb,
  startMysql,
  startPostgres,
  startTemporal,
  type DatabaseServer,
  type RunningServer,
} from '../../scripts/servers';
import { isAlive } from '../../scripts/servers/processes';
import { execute, query } from '../helpers/databases';

const started: RunningServer[] = [];

async function keep<S extends RunningServer>(starting: Promise<S>): Promise<S> {
  const server = await starting;
  started.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.remove()));
});

const DATABASES: readonly (readonly [name: string, start: () => Promise<DatabaseServer>, version: RegExp])[] = [
  ['MySQL', startMysql, /^9\.7\./],
  ['MariaDB', startMariadb, /^10\.11\..*MariaDB/],
  ['PostgreSQL', startPostgres, /^PostgreSQL 18\./],
];

describe.each(DATABASES)('%s', (_name, start, version) => {
  test('keeps what was committed when it is killed, and what follows when it is stopped', async () => {
    const server = await keep(start());
    const before = server.pid;
    const [row] = await query(server.url(), 'SELECT version() AS version');
    expect(row?.['version']).toMatch(version);
    await execute(server.url(), 'CREATE DATABASE shop');
    await execute(server.url('shop'), 'CREATE TABLE things (id int PRIMARY KEY); INSERT INTO things VALUES (1)');

    await server.kill();
    expect(isAlive(before)).toBe(false);
    await expect(query(server.url('shop'), 'SELECT 1')).rejects.toThrow();

    await server.start();
    expect(server.pid).not.toBe(before);
    await execute(server.url('shop'), 'INSERT INTO things VALUES (2)');
    await server.stop();
    await server.stop();
    await server.start();
    await server.start();
    expect(await query(server.url('shop'), 'SELECT id FROM things ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);

    await server.remove();
    expect(existsSync(server.folder)).toBe(false);
  });

  test('takes settings of a test, and says in the end of its log why it cannot start', async () => {
    await expect(keep(startBroken(start))).rejects.toThrow(/no_such_setting|no-such-setting/);
  });
});

/** One function for three kinds of options, which a test need not tell apart. */
function startBroken(start: (options: { settings: Record<string, string> }) => Promise<DatabaseServer>) {
  return start({ settings: { 'no-such-setting': 'on' } });
}

describe('a source and a target are set up to be migrated live', () => {
  test('MySQL logs rows with GTIDs', async () => {
    const server = await keep(startMysql());
    const sql = 'SELECT @@log_bin AS log, @@binlog_format AS format, @@gtid_mode AS gtid, @@performance_schema AS perf';
    expect(await query(server.url(), sql)).toEqual([{ log: 1, format: 'ROW', gtid: 'ON', perf: 1 }]);
  });

  test('MariaDB logs rows', async () => {
    const server = await keep(startMariadb());
    const sql = 'SELECT @@log_bin AS log, @@binlog_format AS format';
    expect(await query(server.url(), sql)).toEqual([{ log: 1, format: 'ROW' }]);
  });

  test('PostgreSQL logs for logical decoding', async () => {
    const server = await keep(startPostgres());
    expect(await query(server.url(), 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }]);
  });
});

describe('TLS', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-tls-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['MySQL', startMysql],
    ['MariaDB', startMariadb],
  ])('%s shows a certificate that a client can verify in full', async (name, start) => {
    const tls = await makeTlsFiles(join(folder, name));
    const server = await keep(start({ tls }));
    const uri = server
      .url()
      .replace(/^mariadb:/, 'mysql:')
      .replace('127.0.0.1', 'localhost');
    const trusting = await createConnection({ uri, ssl: { ca: readFileSync(tls.ca), verifyIdentity: true } });
    const [rows] = await trusting.query("SHOW STATUS LIKE 'Ssl_version'");
    expect(JSON.stringify(rows)).toContain('TLSv1');
    await trusting.end();
    await expect(createConnection({ uri, ssl: { rejectUnauthorized: true } })).rejects.toThrow(/certificate/);
  });

  test('PostgreSQL shows a certificate that a client can verify in full', async () => {
    const tls = await makeTlsFiles(join(folder, 'PostgreSQL'));
    const server = await keep(startPostgres({ tls }));
    const connectionString = server.url('postgres').replace('127.0.0.1', 'localhost');
    const trusting = new Client({ connectionString, ssl: { ca: readFileSync(tls.ca, 'utf8') } });
    await trusting.connect();
    const { rows } = await trusting.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
    await trusting.end();
    const doubting = new Client({ connectionString, ssl: { rejectUnauthorized: true } });
    await expect(doubting.connect()).rejects.toThrow(/certificate/);
  });
});

describe('Temporal', () => {
  test('keeps its histories when it is killed, and shows its web UI', async () => {
    const server = await keep(startTemporal());
    const start = async (workflowId: string): Promise<void> => {
      const connection = await Connection.connect({ address: server.address });
      const client = new Temporal({ connection, namespace: server.namespace });
      await client.workflow.start('noSuchWorkflow', { taskQueue: 'none', workflowId });
      await connection.close();
    };
    await start('before');
    await server.kill();
    await server.start();

    const connection = await Connection.connect({ address: server.address });
    const client = new Temporal({ connection, namespace: server.namespace });
    expect((await client.workflow.getHandle('before').describe()).status.name).toBe('RUNNING');
    await connection.close();
    expect((await fetch(server.uiUrl)).status).toBe(200);
  });
});
