import type { Connection } from 'mysql2/promise';
import { MigrationError } from '../../../domain/errors';
import type { Source } from '../../../engines/engine';
import { startMariadb, startMysql, type DatabaseServer } from '../../../scripts/servers';
import { execute, mysqlSessions, query } from '../../helpers/databases';
import { connect, FLAVOURS, openSource, settingsOf, until, type Flavour } from './stage';

const FREEZE = {
  mysql: {
    on: 'SET GLOBAL super_read_only = ON',
    found: { read_only: 'OFF', super_read_only: 'OFF' },
    rights: 'PROCESS, SYSTEM_VARIABLES_ADMIN, REPLICATION CLIENT, XA_RECOVER_ADMIN',
  },
  mariadb: {
    on: 'SET GLOBAL read_only = ON',
    found: { read_only: 'OFF' },
    rights: 'PROCESS, READ_ONLY ADMIN, SLAVE MONITOR',
  },
} as const;

const refused = /read.only/i;

/** A server of the test's own: a freeze stops everybody on it. */
class FreezeStage {
  private readonly opened: Connection[] = [];

  private constructor(
    readonly server: DatabaseServer,
    readonly flavour: Flavour,
    readonly adminUrl: string,
    readonly appUrl: string,
  ) {}

  static async open(flavour: Flavour, settings: Record<string, string> = {}): Promise<FreezeStage> {
    const server = await (flavour === 'mysql' ? startMysql({ settings }) : startMariadb({ settings }));
    await execute(
      server.url(),
      `CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, n INT); CREATE TABLE shop.old (id INT) ENGINE = MyISAM;
       INSERT INTO shop.t VALUES (1, 0), (2, 0);
       CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT ALL ON shop.* TO app@'%';
       CREATE USER migrator@'%' IDENTIFIED BY 'm'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO migrator@'%';
       GRANT ${FREEZE[flavour].rights} ON *.* TO migrator@'%';`,
    );
    return new FreezeStage(server, flavour, server.url('shop'), server.url('shop', 'app', 'app'));
  }

  /** Opened by a user with the rights that preflight asks for, and no others. */
  source(): Promise<Source> {
    return openSource(settingsOf(this.migratorUrl, 'shop'));
  }

  get migratorUrl(): string {
    return this.server.url('shop', 'migrator', 'm');
  }

  /** A session of the application. */
  async app(): Promise<Connection> {
    const connection = await connect(this.appUrl);
    this.opened.push(connection);
    return connection;
  }

  async settings(): Promise<Record<string, unknown>> {
    const rows = await query(
      this.adminUrl,
      "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only')",
    );
    return Object.fromEntries(rows.map((row): [string, unknown] => [String(row['Variable_name']), row['Value']]));
  }

  async writable(): Promise<boolean> {
    try {
      await execute(this.appUrl, 'UPDATE t SET n = n + 1 WHERE id = 1');
      return true;
    } catch (error) {
      if (refused.test((error as Error).message)) return false;
      throw error;
    }
  }

  /** Ends what a test left behind, so that the next one finds the server as new. */
  async clean(): Promise<void> {
    for (const connection of this.opened.splice(0)) connection.destroy();
    const off = Object.keys(FREEZE[this.flavour].found).map((name) => `GLOBAL ${name} = OFF`);
    await execute(this.adminUrl, `SET ${off.reverse().join(', ')}`);
  }
}

async function failure(attempt: Promise<unknown>): Promise<MigrationError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MigrationError);
  return error as MigrationError;
}

describe.each(FLAVOURS)('a freeze of %s', (flavour) => {
  const { found, on } = FREEZE[flavour];
  let stage: FreezeStage;
  let source: Source;
  beforeAll(async () => {
    stage = await FreezeStage.open(flavour);
  });
  beforeEach(async () => {
    source = await stage.source();
  });
  afterEach(async () => {
    await source[Symbol.asyncDispose]();
    await stage.clean();
  });
  afterAll(() => stage.server.remove());

  test('stops every write, is safe to repeat, and its undoing puts everything back, as often as asked', async () => {
    expect(await source.freezeSettings()).toEqual(found);
    const state = await source.freeze(5000, found);
    expect(state).toMatchObject({ found, position: { kind: flavour === 'mysql' ? 'mysqlGtid' : 'mariadbGtid' } });
    expect(await stage.writable()).toBe(false);
    await expect(execute(stage.appUrl, 'INSERT INTO old VALUES (1)')).rejects.toThrow(refused);
    await source.checkFrozen(state);
    expect(await source.freeze(5000, found)).toEqual(state);
    // Another worker's attempt knows what was recorded before the first one.
    await using other = await stage.source();
    expect(await other.freeze(5000, found)).toEqual(state);
    await other.checkFrozen(state);
    await other.unfreeze(found);
    await source.unfreeze(found);
    expect(await stage.settings()).toEqual(found);
    expect(await stage.writable()).toBe(true);
  });

  test('that a source found read-only had already stays when it is undone', async () => {
    await execute(stage.adminUrl, on);
    const already = await source.freezeSettings();
    const state = await source.freeze(5000, already);
    await source.unfreeze(state.found);
    expect(await stage.settings()).toEqual(already);
    expect(await stage.writable()).toBe(false);
  });

  test('waits for an open transaction, which then counts as before the freeze', async () => {
    const app = await stage.app();
    await app.query('BEGIN; UPDATE t SET n = 42 WHERE id = 2');
    const freezing = source.freeze(20_000, found);
    // Others write while it waits.
    await execute(stage.appUrl, 'UPDATE t SET n = n + 1 WHERE id = 1');
    await app.query('COMMIT');
    const state = await freezing;
    expect(await query(stage.appUrl, 'SELECT n FROM t WHERE id = 2')).toEqual([{ n: 42 }]);
    await source.checkFrozen(state);
  });

  test.each([
    [
      'a transaction is open',
      'BEGIN; UPDATE t SET n = 1 WHERE id = 2',
      /connection \d+ \(user app\) has had a transaction open/,
    ],
    [
      'a table is locked',
      'LOCK TABLES t WRITE',
      /connection \d+ \(user app, .*\) holds locks|table shop.t is in use, or locked/,
    ],
    ['a statement runs', undefined, /connection \d+ \(user app/],
    [
      'an XA transaction is prepared',
      "XA START 'x1'; UPDATE t SET n = 1 WHERE id = 2; XA END 'x1'; XA PREPARE 'x1'",
      /XA transaction .* is prepared/,
    ],
  ])('fails when %s for longer than its patience, names it, and leaves the source writable', async (_, hold, named) => {
    const app = await stage.app();
    const running =
      hold === undefined
        ? app.query('INSERT INTO old SELECT SLEEP(60) /* 🚚 */').catch(() => undefined)
        : app.query(hold);
    if (hold !== undefined) await running;
    else
      await until(async () =>
        (await mysqlSessions(stage.adminUrl)).some(({ statement }) => statement.startsWith('INSERT INTO old')),
      );
    const started = Date.now();
    const error = await failure(source.freeze(1500, found));
    expect(error.code).toBe('FREEZE_FAILED');
    expect(error.message).toMatch(named);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(await stage.settings()).toEqual(found);
    if (hold?.startsWith('XA')) await app.query("XA ROLLBACK 'x1'");
    app.destroy();
    await until(() => stage.writable());
  });

  test('holds up writers for seconds at a time only, while a table stays locked', async () => {
    const app = await stage.app();
    await app.query('LOCK TABLES old WRITE');
    const freezing = failure(source.freeze(6000, found));
    const waits: number[] = [];
    const stop = Date.now() + 6000;
    while (Date.now() < stop) {
      const started = Date.now();
      await execute(stage.appUrl, 'UPDATE t SET n = n + 1 WHERE id = 1');
      waits.push(Date.now() - started);
    }
    expect((await freezing).code).toBe('FREEZE_FAILED');
    expect(Math.max(...waits)).toBeLessThan(4500);
    expect(waits.length).toBeGreaterThan(5);
  });

  test('is not turned on by an attempt whose worker died, once it was undone', async () => {
    const app = await stage.app();
    await app.query('LOCK TABLES t WRITE');
    // What a worker leaves behind that dies while it waits for the lock.
    const zombie = await connect(stage.migratorUrl);
    await zombie.query('SET SESSION lock_wait_timeout = 60');
    const waiting = zombie.query(`${on} /* temporal-migrate freeze */`).catch((error: unknown) => error);
    await until(async () =>
      (await mysqlSessions(stage.adminUrl)).some(
        ({ state, statement }) => statement.startsWith('SET GLOBAL') && state.startsWith('Waiting'),
      ),
    );
    await source.unfreeze(found);
    expect(await waiting).toBeInstanceOf(Error);
    await app.query('UNLOCK TABLES');
    zombie.destroy();
    expect(await stage.settings()).toEqual(found);
    expect(await stage.writable()).toBe(true);
  });

  test('is lost when somebody lifts it, whether or not it is put back after a write', async () => {
    const state = await source.freeze(5000, found);
    await source.unfreeze(found);
    expect((await failure(source.checkFrozen(state))).code).toBe('FREEZE_LOST');
    await execute(stage.appUrl, 'UPDATE t SET n = n + 1 WHERE id = 1');
    await execute(stage.adminUrl, on);
    const error = await failure(source.checkFrozen(state));
    expect(error).toMatchObject({ code: 'FREEZE_LOST', retryable: false });
    expect(error.message).toMatch(/binary log went on/);
  });

  test('is lost when the server is killed and starts again writable', async () => {
    const state = await source.freeze(5000, found);
    await source[Symbol.asyncDispose]();
    await stage.server.kill();
    await stage.server.start();
    source = await stage.source();
    expect((await failure(source.checkFrozen(state))).code).toBe('FREEZE_LOST');
    // Undoing it is still safe.
    await source.unfreeze(found);
    expect(await stage.writable()).toBe(true);
  });
});

describe.each(FLAVOURS)('a freeze of %s without a binary log', (flavour) => {
  let stage: FreezeStage;
  beforeAll(async () => {
    const off =
      flavour === 'mysql'
        ? { 'disable-log-bin': '1', 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' }
        : { 'skip-log-bin': '1' };
    stage = await FreezeStage.open(flavour, off);
  });
  afterAll(() => stage.server.remove());

  test('is lost by a restart, even when it is put back at once', async () => {
    const { found, on } = FREEZE[flavour];
    let source = await stage.source();
    // The server's life is told by the second it began in.
    await until(
      async () => Number((await query(stage.adminUrl, "SHOW GLOBAL STATUS LIKE 'Uptime'"))[0]?.['Value']) > 1,
    );
    const state = await source.freeze(5000, found);
    expect(state.position.kind).toBe('none');
    await source.checkFrozen(state);
    await source[Symbol.asyncDispose]();
    await stage.server.kill();
    await stage.server.start();
    await execute(stage.adminUrl, on);
    source = await stage.source();
    expect((await failure(source.checkFrozen(state))).message).toMatch(/restarted/);
    await source[Symbol.asyncDispose]();
  });
});

test('a freeze of a MySQL without GTIDs stands at a place in its log file, and a write behind it is seen', async () => {
  const stage = await FreezeStage.open('mysql', { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' });
  try {
    const { found, on } = FREEZE.mysql;
    await using source = await stage.source();
    const state = await source.freeze(5000, found);
    expect(state.position).toMatchObject({
      kind: 'binlogFile',
      file: expect.stringMatching(/^binlog\.\d+$/) as unknown,
      offset: expect.stringMatching(/^\d+$/) as unknown,
    });
    await source.checkFrozen(state);
    await source.unfreeze(found);
    expect(await stage.writable()).toBe(true);
    await execute(stage.adminUrl, on);
    expect((await failure(source.checkFrozen(state))).code).toBe('FREEZE_LOST');
  } finally {
    await stage.server.remove();
  }
});
