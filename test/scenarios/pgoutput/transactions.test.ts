import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Position } from '../../../domain/position';
import type { ChangeSink, RowChange } from '../../../engines/engine';
import { makeTlsFiles, startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { startProxy } from '../../helpers/proxy';
import { until } from '../mysqlSource/stage';
import { follow, KeepingSink } from '../binlog/following';
import { PgoutputStage, told } from './stage';

/** A walsender whose reader is silent for two seconds is ended. Reading is by TLS, which also must stand still at times. */
let server: DatabaseServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  const tls = await makeTlsFiles(join(folder, 'files'));
  server = await startPostgres({ tls, settings: { wal_sender_timeout: '2s' } });
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true });
});

const TABLE = 'create table t (id int primary key, v text); create table other (id int, n int)';

test('transactions are told whole and in the order of their commits, whatever ran between', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  const second = new Client({ connectionString: stage.url });
  await second.connect();
  await stage.write('begin', "insert into t values (1, 'a')");
  await second.query("begin; insert into t values (2, 'b')");
  await stage.write("insert into t values (3, 'c')");
  await second.query('insert into other values (4, 1); savepoint s; insert into t values (5); rollback to s; commit');
  await stage.write('update t set id = 6 where id = 1', 'commit');
  await stage.write('begin', "insert into t values (7, 'd')", 'rollback');
  await second.query('delete from t where id = 2; update other set n = 2');
  await second.end();
  const { transactions } = await stage.follow();
  expect(told({ transactions })).toEqual([
    ['t insert 2', 'other insert 4'],
    ['t insert 1', 't insert 3', 't update 6'],
    ['t delete 2', 'other update 4'],
  ]);
  const [first, next] = transactions.filter(({ changes }) => changes.length > 0);
  expect(next?.changes.at(-1)).toMatchObject({ before: ['1', 'a'], after: ['6', 'a'], cascadesLogged: true });
  const clock = Number(await stage.value('select extract(epoch from clock_timestamp()) * 1000'));
  expect(Math.abs(clock - first!.committedAtMs)).toBeLessThan(60_000);
});

test('each position leads to exactly what comes behind it, and no two transactions share one', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  for (let id = 0; id < 8; id++) {
    await stage.write('begin', `insert into t values (${id}, 'a')`, `insert into other values (${id})`, 'commit');
    await stage.write(`update t set v = 'b' where id = ${id}`, 'create table x (n int)', 'drop table x');
  }
  const end = await stage.changes.end();
  const { transactions, position } = await follow(stage.changes, stage.plans, stage.from, end);
  expect(stage.changes.contains(position, end)).toBe(true);
  expect(stage.changes.contains(stage.from, end)).toBe(false);
  expect(new Set(transactions.map((each) => JSON.stringify(each.position))).size).toBe(transactions.length);
  for (const [index, transaction] of transactions.entries()) {
    const rest = await follow(stage.changes, stage.plans, transaction.position, end);
    expect([index, rest.changes]).toEqual([index, transactions.slice(index + 1).flatMap(({ changes }) => changes)]);
  }
});

const ROWS = 120_000;

test('a transaction of 120,000 rows comes whole, in order, to a reader that is slower than the server waits', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write(`insert into t select n, repeat('x', 100) from generate_series(1, ${ROWS}) n`);
  const end = await stage.changes.end();
  const sink = new CountingSink((position) => stage.changes.contains(position, end));
  await expect(
    stage.changes.stream({ tables: stage.plans, from: stage.from, signal: sink.done.signal }, sink),
  ).rejects.toBe(sink);
  // The mark that the end left in the log is a transaction, too.
  expect(sink).toMatchObject({ rows: ROWS, rowsByTransaction: [ROWS, 0], isOrdered: true });
});

/** Checks that the rows come with rising numbers, and rests once for longer than the server waits for an answer. */
class CountingSink implements ChangeSink {
  readonly done = new AbortController();
  rows = 0;
  readonly rowsByTransaction: number[] = [];
  isOrdered = true;
  private isRested = false;

  constructor(private readonly isEnd: (position: Position) => boolean) {}

  begin(): void {
    this.rowsByTransaction.push(-this.rows);
  }

  change({ bytes, after }: RowChange): void {
    this.rows++;
    this.isOrdered &&= Number(bytes.toString('latin1', after?.[0], after?.[1])) === this.rows;
  }

  end(): void {
    this.rowsByTransaction.push((this.rowsByTransaction.pop() ?? NaN) + this.rows);
  }

  idle(position: () => Position): void {
    if (this.isEnd(position())) this.done.abort(this);
  }

  pressure(): Promise<void> | null {
    if (this.rows !== 1_000 || this.isRested) return null;
    this.isRested = true;
    return delay(3_000);
  }
}

/** Transactions of many sizes, some of them of nobody's interest. */
async function writeManySizes(stage: PgoutputStage): Promise<void> {
  for (let round = 0; round < 40; round++) {
    const rows = [1, 3, 500, 40][round % 4]!;
    await stage.write(`insert into t select ${round} * 1000 + n, repeat('y', 200) from generate_series(1, ${rows}) n`);
    if (round % 3 === 0) await stage.write(`update t set v = 'z' where id % 7 = ${round % 7}`);
    if (round % 5 === 0) await stage.write('create table x (n int)', 'insert into x values (1)', 'drop table x');
  }
}

/** Confirms now and then, and ends the stream's connection after so many changes, in one way or another. */
class EndingSink extends KeepingSink {
  seen = 0;

  constructor(
    stage: PgoutputStage,
    upTo: Position,
    private readonly after: number,
    private readonly ending: () => Promise<unknown>,
    readonly done = new AbortController(),
  ) {
    super(stage.plans, (position) => {
      if (this.transactions.length % 5 === 0) stage.changes.confirm(position);
      if (stage.changes.contains(position, upTo)) done.abort(this);
    });
  }

  override change(...args: Parameters<KeepingSink['change']>): void {
    super.change(...args);
    this.seen++;
  }

  override pressure(): Promise<void> | null {
    return this.seen === this.after ? this.ending().then(() => undefined) : null;
  }
}

const READER = 'select active_pid from pg_replication_slots where database = current_database()';

test('a stream that is cut at any place goes on without a gap and without a repeat', async () => {
  await using proxy = await startProxy('127.0.0.1', server.port);
  await using stage = await PgoutputStage.open(server, TABLE, { port: proxy.port });
  await writeManySizes(stage);
  const end = await stage.changes.end();
  const whole = await follow(stage.changes, stage.plans, stage.from, end);
  const endings = {
    cut: () => {
      proxy.cut();
      return Promise.resolve();
    },
    terminated: () => stage.value(`select pg_terminate_backend((${READER}))`),
    // The server ends every other process and recovers.
    killed: async () => process.kill(Number(await stage.value(READER)), 'SIGKILL'),
  };
  const { cut, terminated, killed } = endings;
  const transactions = [];
  const places: number[] = [];
  let position = stage.from;
  for (const ending of [cut, terminated, cut, terminated, cut, killed, cut, terminated]) {
    places.push(randomInt(1, 900));
    const sink = new EndingSink(stage, end, places.at(-1)!, ending);
    const request = { tables: stage.plans, from: position, signal: sink.done.signal };
    const error: unknown = await stage.changes.stream(request, sink).catch((reason: unknown) => reason);
    if (error !== sink) expect(error).toMatchObject({ code: 'CONNECTION_LOST' });
    transactions.push(...sink.transactions);
    position = sink.position ?? position;
    if (ending === killed) await until(() => answers(stage));
    if (error === sink) break;
  }
  if (!stage.changes.contains(position, end)) {
    transactions.push(...(await follow(stage.changes, stage.plans, position, end)).transactions);
  }
  expect({ places, told: told({ transactions }) }).toEqual({ places, told: told(whole) });
  expect(transactions.flatMap(({ changes }) => changes)).toEqual(whole.changes);
});

async function answers(stage: PgoutputStage): Promise<boolean> {
  return stage.value('select 1').then(
    () => true,
    () => false,
  );
}
