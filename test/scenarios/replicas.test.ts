import type { Connection } from 'mysql2/promise';
import { readEnvironment, type WorkerEnvironment } from '../../activities/environment';
import { watchLoad } from '../../activities/loadWatch';
import { findInReplicas } from '../../activities/preflight/replicas';
import { startMariadb, startMysql, type DatabaseServer } from '../../scripts/servers';
import { execute, query } from '../helpers/databases';
import { until } from '../helpers/faultsUntil';
import { MigrationStage } from '../helpers/migrationStage';
import { connect, FLAVOURS, openSource, settingsOf, type Flavour } from './mysqlSource/stage';

const SHOP = 'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT); INSERT INTO t (n) VALUES (1), (2), (3)';
/** A login that may read, and not ask how replication stands. */
const READER = "CREATE USER reader@'%' IDENTIFIED BY 'reader'; GRANT SELECT ON shop.* TO reader@'%'";

/** A replica of a source's database `shop`, and what holds up its applier. */
class Replica implements AsyncDisposable {
  private constructor(
    readonly server: DatabaseServer,
    private readonly source: DatabaseServer,
    private readonly locks: Connection,
    private readonly words: { start: string; stop: string },
  ) {}

  static async of(source: DatabaseServer, flavour: Flavour): Promise<Replica> {
    const settings = { 'server-id': '77' };
    const server = await (flavour === 'mysql' ? startMysql({ settings }) : startMariadb({ settings }));
    await execute(source.url(), `CREATE USER repl@'%' IDENTIFIED BY 'repl'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'`);
    await execute(server.url(), `CREATE DATABASE shop; USE shop; ${SHOP}; ${READER}`);
    const [now] = await query(source.url(), flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
    const from = `HOST = '127.0.0.1', ?_PORT = ${source.port}, ?_USER = 'repl', ?_PASSWORD = 'repl',
      ?_LOG_FILE = '${String(now?.['File'])}', ?_LOG_POS = ${String(now?.['Position'])}`;
    const [words, change] =
      flavour === 'mysql'
        ? [
            { start: 'START REPLICA', stop: 'STOP REPLICA' },
            `CHANGE REPLICATION SOURCE TO SOURCE_${from.replaceAll('?', 'SOURCE')}, GET_SOURCE_PUBLIC_KEY = 1`,
          ]
        : [{ start: 'START SLAVE', stop: 'STOP SLAVE' }, `CHANGE MASTER TO MASTER_${from.replaceAll('?', 'MASTER')}`];
    await execute(server.url(), `${change}; ${words.start}`);
    return new Replica(server, source, await connect(server.url('shop')), words);
  }

  /** Has it fall behind: it cannot apply a change that the source dates back by so many seconds. */
  async fallBehind(seconds: number): Promise<void> {
    await this.locks.query('LOCK TABLES t READ');
    await execute(
      this.source.url('shop'),
      `SET TIMESTAMP = UNIX_TIMESTAMP() - ${seconds}; INSERT INTO t (n) VALUES (4)`,
    );
  }

  async catchUp(): Promise<void> {
    await this.locks.query('UNLOCK TABLES');
  }

  async stop(): Promise<void> {
    await execute(this.server.url(), this.words.stop);
  }

  async start(): Promise<void> {
    await execute(this.server.url(), this.words.start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.locks.destroy();
    await this.server.remove();
  }
}

const run = { runId: 'replicas', workflowId: 'replicas', source: 'shop', target: 'pg' };

function environmentOf(urls: Readonly<Record<string, string>>): WorkerEnvironment {
  return readEnvironment({}, urls);
}

describe.each(FLAVOURS)('a replica of a %s', (flavour) => {
  let source: DatabaseServer;
  let replica: Replica;
  let environment: WorkerEnvironment;
  beforeAll(async () => {
    source = await (flavour === 'mysql' ? startMysql() : startMariadb());
    await execute(source.url(), `CREATE DATABASE shop; USE shop; ${SHOP}`);
    replica = await Replica.of(source, flavour);
    environment = environmentOf({
      shop: source.url('shop'),
      replica: replica.server.url('shop'),
      reader: replica.server.url('shop', 'reader', 'reader'),
      gone: source.url('shop').replace(/:\d+\//, ':1/'),
    });
  });
  afterAll(async () => {
    await replica[Symbol.asyncDispose]();
    await source.remove();
  });

  const held = async (): Promise<string | null> => {
    await using watch = await watchLoad(environment, run, { replicas: ['replica'], lanes: null });
    return watch.heldBack;
  };

  test('holds the copy back while it is behind, stopped or gone, and not a moment longer', async () => {
    await until('it follows', async () => (await held()) === null);
    await using first = await watchLoad(environment, run, { replicas: ['replica'], lanes: null });
    await using second = await watchLoad(environment, run, { replicas: ['replica'], lanes: null });
    await replica.fallBehind(100);
    await until('it is behind', () => /^replica "replica" is 1\d\d s behind/.test(first.heldBack ?? ''));
    expect(second.heldBack).toBe(first.heldBack);
    await replica.catchUp();
    await until('it has caught up', () => first.heldBack === null);
    await replica.stop();
    await until('it is stopped', () => /does not follow the source: .*runs: No/.test(first.heldBack ?? ''));
    await replica.start();
    await until('it follows again', () => first.heldBack === null);
    await replica.server.kill();
    await until('it is gone', () => /does not follow the source: .*"replica"/.test(first.heldBack ?? ''));
    await replica.server.start();
    await replica.start();
    await until('it is back', () => first.heldBack === null);
  });

  test('is told by preflight where its lag tells nothing', async () => {
    await using shop = await openSource(settingsOf(source.url('shop'), 'shop'));
    await using other = await openSource(settingsOf(replica.server.url('shop'), 'other'));
    const told = async (name: string, from = shop): Promise<string[]> =>
      (await findInReplicas(environment, from, [name])).map(
        ({ code, severity, source: found }) => `${severity} ${code} ${found}`,
      );
    await until('it follows', async () => (await told('replica')).length === 0);
    expect(await told('replica', other)).toEqual(['warning REPLICA_UNFIT it reads another server than the source']);
    expect(await told('shop')).toEqual(['blocking REPLICA_UNFIT it is no replica']);
    expect(await told('gone')).toEqual(['blocking LOGIN_FAILED CONNECTION_FAILED']);
    expect(await told('reader')).toEqual([expect.stringMatching(/^blocking GRANT_MISSING /)]);
    await replica.stop();
    expect(await told('replica')).toEqual([expect.stringMatching(/^blocking REPLICA_UNFIT it does not follow: /)]);
    await replica.start();
  });

  test('a source with more statements at work than it should have holds the copy back', async () => {
    await using watch = await watchLoad(environment, run, { replicas: [], lanes: 4 });
    expect(watch.heldBack).toBeNull();
    const users = await Promise.all(Array.from({ length: 40 }, () => connect(source.url('shop'))));
    for (const user of users) user.query('DO SLEEP(60)').catch(() => undefined);
    await until('it is busy', () => /^the source has \d\d statements at work/.test(watch.heldBack ?? ''));
    await execute(source.url(), users.map(({ threadId }) => `KILL ${threadId}`).join('; '));
    await until('it is calm', () => watch.heldBack === null);
  });
});

test('a migration waits for the replica it names, says so, and goes on when that has caught up', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await using replica = await Replica.of(stage.source, 'mysql');
  await stage.startWorker({ MIGRATION_CONNECTION_SHOP_REPLICA: replica.server.url('shop') });
  const migration = await stage.start({ copy: { replicas: ['shop_replica'] } });
  await migration.until(({ waitingFor }) => waitingFor === 'approval');
  await replica.fallBehind(100);
  await migration.approve();
  const held = await migration.until(({ heldBack }) => heldBack !== null);
  expect(held).toMatchObject({ phase: 'copy', rowsCopied: 0, etaSeconds: null, rowsPerSecond: 0 });
  expect(held.heldBack).toMatch(/^replica "shop_replica" is \d+ s behind the source/);
  await replica.catchUp();
  const result = await migration.accept();
  expect(result.tables).toMatchObject([{ name: 't', sourceRows: 4, targetRows: 4, mismatches: 0 }]);
  expect(await migration.progress()).toMatchObject({ heldBack: null });
});
