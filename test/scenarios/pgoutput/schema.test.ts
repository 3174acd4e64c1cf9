import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { codeOf } from '../binlog/following';
import { PgoutputStage, told } from './stage';

let server: DatabaseServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => server.remove());

const TABLE = `create type mood as enum ('sad'); create table t (id int primary key, v varchar(20), m mood,
  doubled int generated always as (id * 2) stored); create table other (id int primary key)`;

const ALTERED: readonly (readonly [what: string, sql: readonly string[], says: RegExp])[] = [
  ['a column more', ['alter table t add n int'], /t\.n is in the log, and not in the plan/],
  ['a column less', ['alter table t drop m'], /t\.m is in the plan, and not in the log/],
  ['a column of another name', ['alter table t rename v to w'], /t\.w is in the log/],
  [
    'a column of another type',
    ['alter table t alter v type text'],
    /t\.v is text in the log, and character varying\(20\)/,
  ],
  ['a longer column', ['alter table t alter v type varchar(30)'], /t\.v is varchar\(30\) in the log/],
  [
    'a table of another name',
    ['alter table t rename to u', 'create view t as select * from u'],
    /is not in the publication|public\.u is in the change log/,
  ],
  [
    'a table made anew',
    ['create table x (like t)', 'drop table t', 'alter table x rename to t'],
    /is not in the publication/,
  ],
  [
    'another name for a while',
    ['alter table t rename to u', 'insert into u (id) values (9)', 'alter table u rename to t'],
    /public\.u is in the change log, and not in the plan/,
  ],
  ['rows that are not whole', ['alter table t replica identity default'], /t does not log whole rows/],
  [
    'a label more',
    ["alter type mood add value 'new'", "insert into t (id, m) values (5, 'new')"],
    /t\.m holds a label/,
  ],
];

test.each(ALTERED)('a table with %s is not followed further than it was planned', async (_, sql, says) => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write("insert into t (id, v) values (1, 'before')");
  const before = await stage.follow();
  expect(told(before)).toEqual([['t insert 1']]);
  await stage.write(...sql, 'insert into other values (2)');
  await stage.session.query('insert into t (id) values (3)').catch(() => stage.write('insert into u (id) values (3)'));
  await expect(stage.follow(before.position)).rejects.toMatchObject({
    code: 'LOG_UNREADABLE',
    message: expect.stringMatching(says) as string,
  });
});

test('a TRUNCATE ends the stream in front of it, with where to go on behind it', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write(
    'insert into t (id) values (1)',
    'truncate t, other restart identity cascade',
    'insert into other values (2)',
  );
  const { schemaChange, transactions, position } = await stage.follow();
  expect(told({ transactions })).toEqual([['t insert 1']]);
  expect(schemaChange).toEqual({
    position,
    behind: expect.objectContaining({ kind: 'lsn' }) as unknown,
    statement: 'TRUNCATE "t", "other" RESTART IDENTITY CASCADE',
    tables: ['t', 'other'],
  });
  expect(told(await stage.follow(schemaChange!.behind))).toEqual([['other insert 2']]);
});

test.each([
  ['behind', ['insert into other values (1)', 'truncate t']],
  ['before', ['truncate t', 'insert into other values (1)']],
])('a TRUNCATE %s rows of its transaction cannot be told, and is not passed over', async (_, statements) => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write('begin', ...statements, 'commit');
  expect(await codeOf(stage.follow())).toBe('LOG_UNREADABLE');
});

test('an altered table that nobody streams, and what alters no row, change nothing', async () => {
  await using stage = await PgoutputStage.open(server, TABLE);
  await stage.write('create table x (id int)', 'alter table x add n int', 'insert into x values (1, 1)', 'truncate x');
  await stage.write(
    'alter table t alter v set not null',
    'create index on t (v)',
    "insert into t (id, v) values (1, 'a')",
  );
  expect(told(await stage.follow())).toEqual([['t insert 1']]);
});

describe('a PostgreSQL 14', () => {
  let old: DatabaseServer;
  beforeAll(async () => {
    old = await startPostgres({ version: '14' });
  });
  afterAll(async () => old.remove());

  test('leaves out what was written under our own origin, and nothing else', async () => {
    await using stage = await PgoutputStage.open(old, TABLE, { ownOrigin: 'ours' });
    await stage.write("select pg_replication_origin_create('ours')", "select pg_replication_origin_create('theirs')");
    const under = async (origin: string, ...sql: string[]): Promise<void> => {
      await stage.write(`select pg_replication_origin_session_setup('${origin}')`, ...sql);
      await stage.write('select pg_replication_origin_session_reset()');
    };
    await stage.write("insert into t (id, v) values (1, 'application')");
    await under('ours', "insert into t (id, v) values (2, 'applied')", 'truncate other');
    await under('theirs', "insert into t (id, v) values (3, 'another subscription')");
    await stage.write("update t set v = 'application' where id = 2");
    const { transactions } = await stage.follow();
    expect(told({ transactions })).toEqual([['t insert 1'], ['t insert 3'], ['t update 2']]);
    await stage.write("select pg_replication_origin_drop('ours')", "select pg_replication_origin_drop('theirs')");
  });
});
