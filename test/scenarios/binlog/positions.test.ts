import type { Position } from '../../../domain/position';
import type { Source } from '../../../engines/engine';
import { startMariadb, startMysql, type DatabaseServer } from '../../../scripts/servers';
import { execute, query } from '../../helpers/databases';
import { FLAVOURS, connect, openSource, planned, settingsOf, until } from '../mysqlSource/stage';
import { codeOf, follow, KeepingSink, type Followed } from './following';
import { LogStage, told } from './stage';

const TABLE =
  'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40)); CREATE TABLE other (id INT AUTO_INCREMENT PRIMARY KEY)';

const LONG_ROWS = `CREATE TABLE long_rows (id INT PRIMARY KEY, v VARCHAR(2000)); CREATE TABLE seq (n INT PRIMARY KEY);
  INSERT INTO seq VALUES ${Array.from({ length: 300 }, (_, n) => `(${n})`).join(', ')}`;

/** Statements of a workload in which many kinds of transactions follow each other. */
function workload(): string[] {
  return Array.from({ length: 12 }, (_, round) => [
    ...['BEGIN', `INSERT INTO t VALUES (${round}, 'a')`, `UPDATE t SET v = 'b' WHERE id = ${round}`, 'COMMIT'],
    'INSERT INTO other VALUES ()',
    round % 3 === 0 ? 'FLUSH BINARY LOGS' : `DELETE FROM t WHERE id = ${round}`,
    ...['BEGIN', `INSERT INTO t VALUES (${round + 100}, 'c')`, 'ROLLBACK'],
    ...(round % 4 === 0
      ? [`XA START 'x'`, `INSERT INTO t VALUES (${round + 200}, 'd')`, `XA END 'x'`, `XA PREPARE 'x'`]
      : []),
    ...(round % 4 === 0 ? [`XA COMMIT 'x'`] : []),
  ]).flat();
}

describe.each(FLAVOURS)('positions of %s', (flavour) => {
  test('each lead to exactly what comes behind it', async () => {
    await using stage = await LogStage.open(flavour, TABLE, ['t']);
    await stage.write(...workload());
    const end = await stage.source.position();
    const { transactions, position } = await stage.follow();
    expect(stage.changes.contains(position, end)).toBe(true);
    expect(stage.changes.contains(stage.from, end)).toBe(false);
    for (const [index, transaction] of transactions.entries()) {
      if (index === transactions.length - 1) continue;
      const rest = await follow(stage.changes, stage.plans, transaction.position, end);
      expect([index, rest.changes]).toEqual([index, transactions.slice(index + 1).flatMap(({ changes }) => changes)]);
    }
  });

  test('hold whatever was seen before they were read, while many commit', async () => {
    await using stage = await LogStage.open(flavour, TABLE, ['other']);
    let writing = true;
    const writers = Array.from({ length: 16 }, async () => {
      const writer = await connect(stage.url);
      while (writing) await writer.query('INSERT INTO other VALUES ()');
      await writer.end();
    });
    const seen: { id: number; position: Position }[] = [];
    while (seen.length < 1_000) {
      const [rows] = await stage.session.query('SELECT MAX(id) AS id FROM other');
      const [{ id } = { id: 0 }] = rows as { id: number | null }[];
      seen.push({ id: id ?? 0, position: await stage.source.position() });
    }
    writing = false;
    await Promise.all(writers);
    const { transactions } = await stage.follow();
    const toldAt = new Map(transactions.map(({ changes, position }) => [Number(changes[0]?.after?.[0]), position]));
    const late = seen.filter(
      ({ id, position }) => id > 0 && !stage.changes.contains(position, toldAt.get(id) as Position),
    );
    expect(late).toEqual([]);
  });

  test('survive the end of a connection amid the changes', async () => {
    await using stage = await LogStage.open(flavour, LONG_ROWS, ['long_rows']);
    // More than the buffers of a connection hold.
    await stage.write("INSERT INTO long_rows SELECT seq.n, REPEAT('x', 2000) FROM seq");
    for (let round = 1; round <= 30; round++) {
      await stage.write(`UPDATE long_rows SET v = CONCAT('${round} ', REPEAT('y', 1900))`);
    }
    const end = await stage.source.position();
    const whole = await stage.follow();
    const sink = new KillingSink(stage, 1_000);
    const error = await stage.changes
      .stream({ tables: stage.plans, from: stage.from, signal: new AbortController().signal }, sink)
      .catch((reason: unknown) => reason);
    expect((error as { code?: string }).code).toBe('CONNECTION_LOST');
    expect(sink.transactions.length).toBeLessThan(whole.transactions.length);
    const rest = await follow(stage.changes, stage.plans, sink.position ?? stage.from, end);
    expect([...sink.transactions, ...rest.transactions].map(({ changes }) => changes.length)).toEqual(
      whole.transactions.map(({ changes }) => changes.length),
    );
    expect([...sink.transactions, ...rest.transactions].flatMap(({ changes }) => changes)).toEqual(whole.changes);
  });

  test('of another server lead nowhere, and neither does a log that is not there', async () => {
    await using stage = await LogStage.open(flavour, TABLE);
    const from = { ...stage.from, server: 'another one' };
    expect(await codeOf(stage.follow(from))).toBe('POSITION_LOST');
    expect(() => stage.changes.contains(from, stage.from)).toThrow(/different servers/);
    const gone = { kind: 'binlogFile', server: stage.from.server, file: 'binlog.999999', offset: '4' } as const;
    expect(await codeOf(follow(stage.changes, stage.plans, gone, gone))).toBe('POSITION_LOST');
    const beyond = { ...gone, file: 'binlog.000001', offset: '4000000000' };
    expect(await codeOf(follow(stage.changes, stage.plans, beyond, beyond))).toBe('POSITION_LOST');
  });

  test('are told while nothing is written, and a stream ends when it is told to', async () => {
    await using stage = await LogStage.open(flavour, TABLE);
    const controller = new AbortController();
    const reason = new Error('enough');
    let idle = 0;
    const sink = new KeepingSink(stage.plans, (position) => {
      expect(stage.changes.contains(position, stage.from)).toBe(true);
      if (++idle === 2) controller.abort(reason);
    });
    const streaming = stage.changes.stream({ tables: stage.plans, from: stage.from, signal: controller.signal }, sink);
    await expect(streaming).rejects.toBe(reason);
    await until(async () => (await dumps(stage.url)).length === 0);
  });
});

/** Has the server end the stream's connection after so many changes. */
class KillingSink extends KeepingSink {
  private seen = 0;
  private killing: Promise<void> | null = null;

  constructor(
    private readonly stage: LogStage,
    private readonly after: number,
  ) {
    super(stage.plans);
  }

  override change(...told: Parameters<KeepingSink['change']>): void {
    super.change(...told);
    this.seen++;
  }

  override pressure(): Promise<void> | null {
    if (this.seen < this.after || this.killing !== null) return null;
    this.killing = (async () => {
      for (const id of await dumps(this.stage.url)) await query(this.stage.url, `KILL ${id}`);
    })();
    return this.killing;
  }
}

/** The connections of this test's user that read the log now. */
async function dumps(url: string): Promise<string[]> {
  const database = new URL(url).pathname.slice(1);
  const rows = await query(
    url,
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%' AND DB = '${database}'`,
  );
  return rows.map(({ id }) => String(id));
}

/** A server of the test's own, whose log nobody else needs. */
async function openOwn(server: DatabaseServer): Promise<OwnServer> {
  await execute(server.url(), `CREATE DATABASE followed; USE followed; ${TABLE}`);
  const url = server.url('followed');
  const source = await openSource(settingsOf(url));
  const { tables } = await source.introspect();
  const plans = tables.filter(({ name }) => name === 't').map((table) => planned(table));
  const session = await connect(url);
  return {
    url,
    source,
    write: async (...statements) => {
      for (const sql of statements) await session.query(sql);
    },
    follow: async (from, upTo) => follow(source.changes!, plans, from, upTo ?? (await source.position())),
    [Symbol.asyncDispose]: async () => {
      await session.end();
      await source[Symbol.asyncDispose]();
      await server.remove();
    },
  };
}

interface OwnServer extends AsyncDisposable {
  readonly url: string;
  readonly source: Source;
  write(...statements: readonly string[]): Promise<void>;
  follow(from: Position, upTo?: Position): Promise<Followed>;
}

/** A file goes only once the server has done with it, which MariaDB has a moment later. */
async function purge(own: OwnServer): Promise<void> {
  await own.write('FLUSH BINARY LOGS');
  await until(async () => {
    await own.write('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY');
    return (await query(own.url, 'SHOW BINARY LOGS')).length === 1;
  });
}

test('a mysql without GTIDs is followed by file and offset, also while it gets them; what is gone is noticed', async () => {
  const settings = { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' };
  await using own = await openOwn(await startMysql({ settings }));
  const { source } = own;
  const from = await source.position();
  expect(from.kind).toBe('binlogFile');
  await own.write(...workload());
  const end = await source.position();
  const { transactions } = await own.follow(from);
  for (const [index, { position }] of transactions.entries()) {
    if (index === transactions.length - 1) continue;
    const rest = await own.follow(position, end);
    expect([index, rest.changes]).toEqual([index, transactions.slice(index + 1).flatMap(({ changes }) => changes)]);
  }
  await own.write('FLUSH BINARY LOGS');
  await own.follow(end, await source.position());
  await own.write('SET GLOBAL enforce_gtid_consistency = ON');
  for (const mode of ['OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON']) await own.write(`SET GLOBAL gtid_mode = ${mode}`);
  const first = await source.position();
  expect(first.kind).toBe('mysqlGtid');
  await own.write("INSERT INTO t VALUES (1000, 'a')");
  expect(told(await own.follow(first))).toEqual([['t insert 1000']]);
  await purge(own);
  expect(await codeOf(own.follow(from, end))).toBe('POSITION_LOST');
  expect(await codeOf(own.follow(first))).toBe('POSITION_LOST');
  await own.write("INSERT INTO t VALUES (1001, 'a')", 'DELETE FROM t');
  const last = await source.position();
  await own.write('RESET BINARY LOGS AND GTIDS', "INSERT INTO t VALUES (1001, 'a')");
  expect(await codeOf(own.follow(last))).toBe('POSITION_LOST');
});

test('a mariadb whose log no longer has what is asked for, or leaves the database out, says so', async () => {
  const server = await startMariadb({ settings: { 'binlog-ignore-db': 'left_out' } });
  await using own = await openOwn(server);
  const from = await own.source.position();
  await own.write("INSERT INTO t VALUES (1, 'a')");
  await purge(own);
  expect(await codeOf(own.follow(from))).toBe('POSITION_LOST');
  const last = await own.source.position();
  await own.write("INSERT INTO t VALUES (2, 'a')");
  expect(told(await own.follow(last))).toEqual([['t insert 2']]);
  const end = await own.source.position();
  await own.write('RESET MASTER', "INSERT INTO t VALUES (3, 'a')");
  expect(await codeOf(own.follow(end))).toBe('POSITION_LOST');
  await own.write('CREATE DATABASE left_out');
  await using leftOut = await openSource(settingsOf(server.url('left_out')));
  const here = await leftOut.position();
  expect(await codeOf(follow(leftOut.changes!, [], here, here))).toBe('LOG_UNREADABLE');
});

test('a transaction of mysql with a tag in its GTID is followed, and so is what comes behind it', async () => {
  await using stage = await LogStage.open('mysql', TABLE, ['t']);
  await stage.write("SET gtid_next = 'AUTOMATIC:a_tag'", "INSERT INTO t VALUES (1, 'a')");
  await stage.write("SET gtid_next = 'AUTOMATIC'", "INSERT INTO t VALUES (2, 'a')");
  const followed = await stage.follow();
  expect(told(followed)).toEqual([['t insert 1'], ['t insert 2']]);
  expect(followed.position).toMatchObject({ set: expect.stringContaining(':a_tag:1') as string });
  const behind = followed.transactions.find(({ changes }) => changes.length > 0)!.position;
  expect(told(await stage.follow(behind))).toEqual([['t insert 2']]);
});
