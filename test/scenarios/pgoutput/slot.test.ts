import { Client } from 'pg';
import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import type { Position } from '../../../domain/position';
import { postgresChanges } from '../../../engines/postgres/changes';
import { formatLsn, parseLsn } from '../../../engines/postgres/changes/lsn';
import { createMadeLog } from '../../../engines/postgres/control/made';
import { connect } from '../../../engines/postgres/connection';
import { dropMade, setAside } from '../../../engines/postgres/undoSteps';
import { execute } from '../../helpers/databases';
import { until } from '../mysqlSource/stage';
import { codeOf, follow, KeepingSink } from '../binlog/following';
import { PATIENCE_MS, PgoutputStage, told } from './stage';

let server: DatabaseServer;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_prepared_transactions: '2' } });
});
afterAll(async () => server.remove());

const TABLE = 'create table t (id int primary key, v text)';
const CONFIRMED = 'select confirmed_flush_lsn from pg_replication_slots where database = current_database()';
const lsnOf = (position: Position): string => (position.kind === 'lsn' ? position.lsn : '');

test('a slot is confirmed as far as it was said, and no further', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write("insert into t values (1, 'a')", "insert into t values (2, 'b')");
  const end = await stage.changes.end();
  const done = new AbortController();
  let idle = 0;
  const sink = new KeepingSink(stage.plans, (position) => {
    // The server answers a question each time, in which it hears how far we are.
    if (stage.changes.contains(position, end) && ++idle === 4) done.abort(done);
  });
  const streaming = (signal: AbortSignal) =>
    stage.changes.stream({ tables: stage.plans, from: stage.from, signal }, sink).catch((reason: unknown) => reason);
  expect(await streaming(done.signal)).toBe(done);
  expect(await stage.value(CONFIRMED)).toBe(lsnOf(stage.from));
  const [first] = sink.transactions.filter(({ changes }) => changes.length > 0);
  const again = new AbortController();
  const held = streaming(again.signal);
  await until(() => Promise.resolve(sink.transactions.length >= 6));
  stage.changes.confirm(first!.position);
  await until(async () => (await stage.value(CONFIRMED)) === lsnOf(first!.position));
  const beyond = { ...end, lsn: formatLsn(parseLsn(lsnOf(end)) + (1n << 40n)) } as Position;
  expect(() => stage.changes.confirm(beyond)).toThrow(/before it was told/);
  again.abort(again);
  expect(await held).toBe(again);
  expect(await stage.value(CONFIRMED)).toBe(lsnOf(first!.position));
  expect(told(await stage.follow(first!.position))).toEqual([['t insert 2']]);
  // What was confirmed is gone.
  expect(await codeOf(stage.follow(stage.from))).toBe('POSITION_LOST');
});

test('a position that the slot, the server or its log does not have is lost, and no new slot is made', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  const end = await stage.changes.end();
  const other = { ...stage.from, server: 'another one' } as Position;
  expect(await codeOf(stage.follow(other))).toBe('POSITION_LOST');
  expect(() => stage.changes.contains(other, stage.from)).toThrow(/different servers/);
  expect(await codeOf(stage.follow({ kind: 'none', server: '' }))).toBe('POSITION_LOST');
  const ahead = { ...end, lsn: 'FFFF/0' } as Position;
  expect(await codeOf(follow(stage.changes, stage.plans, ahead, ahead))).toBe('POSITION_LOST');
  const [slot] = await stage.query(
    'select slot_name as name from pg_replication_slots where database = current_database()',
  );
  await stage.query(`select pg_replication_slot_advance('${String(slot?.['name'])}', pg_current_wal_lsn())`);
  expect(await codeOf(stage.follow())).toBe('POSITION_LOST');
  await stage.query(`select pg_drop_replication_slot('${String(slot?.['name'])}')`);
  expect(await codeOf(stage.follow(end))).toBe('POSITION_LOST');
  expect(await stage.changes.slot()).toBeNull();
});

test('a slot that holds back more than it may is given up, and nothing is followed behind it', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write("insert into t select n, repeat('x', 1000) from generate_series(1, 2000) n");
  const kept = await stage.changes.capKept(1e12);
  expect(kept).toMatchObject({ isLost: false, safeBytes: null });
  expect(kept).toEqual(await stage.changes.kept());
  expect(await stage.changes.capKept(1_000_000)).toMatchObject({ isLost: true });
  expect([await stage.changes.kept(), await stage.changes.capKept(0)]).toEqual([null, null]);
  expect(await codeOf(stage.follow())).toBe('POSITION_LOST');
});

test('what keeps a log from being followed is told before it is tried', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  expect(await stage.changes.obstacles()).toEqual([]);
  const url = new URL(stage.url);
  await stage.query("create role plain login password 'x'");
  [url.username, url.password] = ['plain', 'x'];
  const plain = postgresChanges(parseDatabaseUrl('plain', url.href), {
    work: { runId: 'run', epoch: 1, lane: 'back' },
    schema: 'public',
  });
  const told = (await plain.obstacles()).map(({ code, severity, target }) => [code, severity, target]);
  const database = url.pathname.slice(1);
  expect(told).toEqual([
    ['GRANT_MISSING', 'blocking', 'ALTER ROLE "plain" REPLICATION'],
    ['GRANT_MISSING', 'blocking', `GRANT CREATE ON DATABASE "${database}" TO "plain"`],
  ]);
  for (const [, , grant] of told) await stage.query(grant ?? '');
  expect(await plain.obstacles()).toEqual([]);
  await stage.query(`revoke create on database "${database}" from plain; drop role plain`);
});

test('what a slot holds back is told, and one that the server has given up is lost', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  const before = await stage.changes.slot();
  await stage.write("insert into t select n, repeat('x', 1000) from generate_series(1, 5000) n");
  const after = await stage.changes.slot();
  expect(after!.heldBytes - before!.heldBytes).toBeGreaterThan(5_000_000n);
  expect(after).toMatchObject({ isLost: false, safeBytes: null, readerPid: null });
  await stage.query("alter system set max_slot_wal_keep_size = '1MB'");
  await stage.query('select pg_reload_conf()');
  for (let segment = 0; segment < 4; segment++) {
    await stage.write('insert into t select max(id) + 1 from t');
    await stage.query('select pg_switch_wal()');
  }
  await stage.query('checkpoint');
  await stage.query('alter system reset max_slot_wal_keep_size');
  await stage.query('select pg_reload_conf()');
  expect(await stage.changes.slot()).toMatchObject({ isLost: true });
  expect(await codeOf(stage.follow())).toBe('POSITION_LOST');
  expect(await codeOf(stage.changes.start(PATIENCE_MS))).toBe('POSITION_LOST');
});

test('a slot begins behind the transactions that are open, and says for whom it waits too long', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  const again = await stage.changes.start(PATIENCE_MS);
  expect(again).toEqual(stage.from);
  await stage.changes.drop();
  await stage.changes.publish(stage.plans);
  const writer = new Client({ connectionString: stage.url });
  await writer.connect();
  await writer.query("begin; insert into t values (1, 'open')");
  const refused = stage.changes.start(1_000);
  await expect(refused).rejects.toMatchObject({
    code: 'SERVER_BUSY',
    message: expect.stringMatching(/process \d+ of/) as string,
  });
  expect(await stage.changes.slot()).toBeNull();
  await stage.write("begin; insert into t values (2, 'prepared'); prepare transaction 'kept'");
  await writer.query('commit');
  await writer.end();
  await expect(stage.changes.start(500)).rejects.toMatchObject({
    message: expect.stringContaining('prepared transaction kept') as string,
  });
  await stage.write("commit prepared 'kept'");
  const from = await stage.changes.start(PATIENCE_MS);
  expect(await stage.value('select count(*) from t')).toBe('2');
  await stage.write("insert into t values (3, 'behind')");
  expect(told(await stage.follow(from))).toEqual([['t insert 3']]);
});

const IDENTITIES = `create table by_default (id int primary key); create table nothing (id int);
  alter table nothing replica identity nothing; create table whole (id int); alter table whole replica identity full;
  create table by_index (id int not null); create unique index "an index" on by_index (id);
  alter table by_index replica identity using index "an index"; create table changed_since (id int primary key)`;
const IDENTITY = `select string_agg(concat(relname, ' ', relreplident), ', ' order by relname) from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r'`;
const LEFT = `select (select count(*) from pg_publication) + (select count(*) from pg_replication_slots where database = current_database())
  + (select count(*) from temporal_migrate.rollback_log where undone_at is null)`;

test('dropped while it is read, it leaves nothing behind, and the tables as they were', async () => {
  await using stage = await PgoutputStage.open(server, IDENTITIES);
  expect(await stage.value(IDENTITY)).toBe('by_default f, by_index f, changed_since f, nothing f, whole f');
  await stage.changes.publish(stage.plans);
  const tables = await stage.query('select tablename from pg_publication_tables order by 1');
  expect(tables.map(({ tablename }) => tablename)).toEqual(stage.plans.map(({ source }) => source.name));
  await stage.write('alter table changed_since replica identity default');
  const streaming = stage.changes
    .stream(
      { tables: stage.plans, from: stage.from, signal: new AbortController().signal },
      new KeepingSink(stage.plans),
    )
    .catch((error: unknown) => (error as { code: string }).code);
  await until(async () => (await stage.changes.slot())?.readerPid !== null);
  await stage.changes.drop();
  expect(await streaming).toBe('CONNECTION_LOST');
  expect(await stage.value(IDENTITY)).toBe('by_default d, by_index i, changed_since d, nothing n, whole f');
  expect(await stage.value(LEFT)).toBe('0');
  await stage.changes.drop();
});

test('what removes everything that a run made removes a stream, too', async () => {
  await using stage = await PgoutputStage.open(server, 'create table by_default (id int primary key)');
  await using session = await connect(parseDatabaseUrl('target', stage.url));
  await dropMade(session, createMadeLog(session), { runId: stage.runId });
  expect(await stage.value(IDENTITY)).toBe('by_default d');
  expect(await stage.value(LEFT)).toBe('0');
});

test('tables that are set aside take no stream with them', async () => {
  await using stage = await PgoutputStage.open(server, 'create table by_default (id int primary key)');
  await using session = await connect(parseDatabaseUrl('target', stage.url));
  const made = createMadeLog(session);
  // Tables are made before they are published.
  await stage.changes.drop();
  await made.record(stage.runId, { kind: 'table', schema: 'public', name: 'by_default', undo: '' });
  await stage.changes.publish(stage.plans);
  await stage.changes.start(PATIENCE_MS);
  const kept = await setAside(session, made, { runId: stage.runId });
  expect(await stage.value(`select relreplident from pg_class where oid = '${kept}.by_default'::regclass`)).toBe('d');
  expect(await stage.changes.slot()).toBeNull();
  expect(await stage.value('select count(*) from pg_publication')).toBe('0');
});

test('a later attempt takes the slot from an earlier one', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  const earlier = stage.changes
    .stream(
      { tables: stage.plans, from: stage.from, signal: new AbortController().signal },
      new KeepingSink(stage.plans),
    )
    .catch((error: unknown) => (error as { code: string }).code);
  await until(async () => (await stage.changes.slot())?.readerPid !== null);
  await stage.write("insert into t values (1, 'a')");
  expect(told(await stage.follow())).toEqual([['t insert 1']]);
  expect(await earlier).toBe('CONNECTION_LOST');
});

test('a reader that has confirmed less than it was told does not keep the server from shutting down', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write("insert into t values (1, 'a')");
  const sink = new KeepingSink(stage.plans);
  const streaming = stage.changes
    .stream({ tables: stage.plans, from: stage.from, signal: new AbortController().signal }, sink)
    .catch((error: unknown) => (error as { code: string }).code);
  await until(() => Promise.resolve(sink.transactions.length > 0));
  const first = sink.transactions[0]!.position;
  stage.changes.confirm(first);
  await stage.write("insert into t values (2, 'b')");
  await until(() => Promise.resolve(sink.transactions.length > 1));
  await server.stop();
  expect(await streaming).toBe('CONNECTION_LOST');
  await server.start();
  expect(told(await stage.follow(first))).toEqual([['t insert 2']]);
});

test('a role without the right to replicate is told so', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  const role = `plain_${stage.runId.slice(4)}`;
  await execute(stage.url, `create role ${role} login password 'secret'`);
  const url = new URL(stage.url);
  [url.username, url.password] = [role, 'secret'];
  expect(await codeOf(connect(parseDatabaseUrl('target', url.href), { replication: true }))).toBe('PRIVILEGE_MISSING');
  await execute(stage.url, `drop role ${role}`);
});
