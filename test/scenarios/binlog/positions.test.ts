import { startMysql, type DatabaseServer } from '../../../scripts/servers';
import { execute, query } from '../../helpers/databases';
import { FLAVOURS, connect, openSource, planned, settingsOf, until } from '../mysqlSource/stage';
import { codeOf, follow, KeepingSink } from './following';
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

describe('a mysql without GTIDs', () => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startMysql({ settings: { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' } });
  });
  afterAll(() => server.remove());

  test('is followed by file and offset, across files, from each position', async () => {
    const url = server.url('followed');
    await execute(server.url(), `CREATE DATABASE followed; USE followed; ${TABLE}`);
    await using source = await openSource(settingsOf(url));
    const plans = (await source.introspect()).tables
      .map((table) => planned(table))
      .filter(({ source: { name } }) => name === 't');
    const from = await source.position();
    expect(from.kind).toBe('binlogFile');
    const session = await connect(url);
    for (const sql of workload()) await session.query(sql);
    const end = await source.position();
    const stream = source.changes!;
    const { transactions } = await follow(stream, plans, from, end);
    for (const [index, { position }] of transactions.entries()) {
      if (index === transactions.length - 1) continue;
      const rest = await follow(stream, plans, position, end);
      expect([index, rest.changes]).toEqual([index, transactions.slice(index + 1).flatMap(({ changes }) => changes)]);
    }
    await session.query('FLUSH BINARY LOGS');
    const rotated = await source.position();
    expect(stream.contains((await follow(stream, plans, end, rotated)).position, rotated)).toBe(true);
    await session.query('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY');
    expect(await codeOf(follow(stream, plans, from, rotated))).toBe('POSITION_LOST');
    await session.end();
  });
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
