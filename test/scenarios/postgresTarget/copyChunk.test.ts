import { randomBytes } from 'node:crypto';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import { rangesBetween } from '../../../domain/keys';
import { mappingSchema, tablesFilterSchema } from '../../../domain/mapping';
import type { TablePlan } from '../../../domain/plan';
import { planTables } from '../../../domain/planning';
import type { Source, Target } from '../../../engines/engine';
import { mysqlEngine } from '../../../engines/mysql';
import { postgresEngine } from '../../../engines/postgres';
import { copyChunk } from '../../../pipeline/copyChunk';
import { PaceLimiter } from '../../../pipeline/pace';
import { execute, freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { startProxy } from '../../helpers/proxy';
import { sharedServers } from '../../helpers/servers';
import { settingsOf } from '../../helpers/targetRows';

const ROWS = 20_000;
const TABLE = `
  CREATE TABLE measured (
    id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(60) NOT NULL, amount DECIMAL(20,4), rate DOUBLE, seen DATETIME(6),
    kind ENUM('a','b') NOT NULL, note TEXT CHARACTER SET latin1, doc JSON, raw VARBINARY(40));
  SET SESSION cte_max_recursion_depth = 1000000;
  INSERT INTO measured
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    SELECT i * 1000003, CONCAT('name ', i), i * 1.2345, i / 7, '2020-01-01' + INTERVAL i * 1234567 MICROSECOND,
      ELT(1 + i % 2, 'a', 'b'), IF(i % 3 = 0, NULL, CONCAT('é', REPEAT('x', i % 500))), JSON_OBJECT('i', i), UNHEX(SHA2(i, 256))
    FROM n;`;

let mysql: FreshDatabase;
let postgres: FreshDatabase;
let source: Source;
let target: Target;
let plans: TablePlan[];
let runId: string;

beforeAll(async () => {
  mysql = await freshDatabase(sharedServers().mysqlUrl);
  await execute(mysql.url, TABLE);
});
afterAll(async () => mysql.drop());

const openSource = () => mysqlEngine.openSource!(parseDatabaseUrl('source', mysql.url));

beforeEach(async () => {
  postgres = await freshDatabase(sharedServers().postgresUrl);
  source = await openSource();
  target = await postgresEngine.openTarget!(settingsOf(postgres.url));
  runId = `run-${randomBytes(4).toString('hex')}`;
  const names = { workflowId: 'w', sourceName: 'source', targetName: 'target', fingerprint: 'f' };
  await target.control.openRun({ runId, ...names });
  const planned = planTables(await source.introspect(), new Map(), {
    filter: tablesFilterSchema.parse({}),
    mapping: mappingSchema.parse({}),
    targetSchema: 'public',
    names: target.names,
    parseType: (spelling) => target.parseType(spelling),
  });
  plans = planned.tables.map((table) => ({ table, ddl: target.translate(table).ddl }));
  const create = plans.flatMap((plan) => plan.ddl.create.map((step) => ({ plan, step })));
  await target.run({ runId, epoch: 1, lane: 'prepare' }, create, () => undefined);
  const signal = new AbortController().signal;
  for (const { table } of plans) {
    const bounds = await source.chunkBounds(table, 500, signal);
    await target.control.saveChunks(runId, table.source.name, rangesBetween(bounds));
  }
});
afterEach(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await postgres.drop();
});

/** Copies in one lane until no chunk is left, as one attempt of an activity does. */
async function attempt(lane: string, pace = new PaceLimiter(), signal = new AbortController().signal): Promise<number> {
  await using own = await openSource();
  await using opened = await target.openLane({ runId, epoch: 1, lane });
  let rows = 0;
  for (;;) {
    const chunk = await copyChunk({ source: own, lane: opened, plans, pace, rejectedLimit: 0, signal });
    if (chunk === null) return rows;
    rows += chunk.rows;
  }
}

const IS_COPYING = `select 1 as busy from pg_stat_progress_copy where datname = current_database()`;
const SUMS = `count(*) as c, count(distinct id) as d, sum(id) as i, sum(amount) as a, sum(char_length(note)) as n, sum(length(raw)) as r`;
const sumsOf = async (url: string) =>
  Object.values((await query(url, `select ${SUMS} from measured`))[0]!).map((value) => Number(value));

test('rows of MySQL arrive on PostgreSQL, in chunks, in three lanes', async () => {
  const rows = await Promise.all(['copy/a/1', 'copy/a/2', 'copy/a/3'].map((lane) => attempt(lane)));
  expect(rows.reduce((sum, own) => sum + own, 0)).toBe(ROWS);
  expect(await sumsOf(postgres.url)).toEqual(await sumsOf(mysql.url));
});

test('however often server processes die, each row is there once in the end', async () => {
  let deaths = 0;
  // Slow until enough have died: a fast copy might be over before.
  const pace = new PaceLimiter();
  pace.setRate(5_000);
  const copying = new AbortController();
  const killing = (async () => {
    while (!copying.signal.aborted && deaths < 30) {
      const killed = await query(
        postgres.url,
        `select pg_terminate_backend(backend_pid, 5000) as ended from temporal_migrate.lanes
         join pg_stat_activity on pid = backend_pid order by random() limit 1`,
      );
      deaths += killed.length;
      if (deaths > 10) pace.setRate(0);
    }
  })();
  const untilDone = async (lane: string): Promise<void> => {
    for (;;) {
      try {
        await attempt(lane, pace);
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
      }
    }
  };
  await Promise.all(['copy/a/1', 'copy/a/2', 'copy/a/3'].map(untilDone));
  copying.abort();
  await killing;
  // A lane that found nothing left may have passed over the last chunk of one that died.
  await attempt('copy/a/1');
  expect(deaths).toBeGreaterThan(10);
  expect(await sumsOf(postgres.url)).toEqual(await sumsOf(mysql.url));
});

test('a cancel in the middle of a chunk leaves nothing of it, and the next attempt copies all', async () => {
  const abort = new AbortController();
  const pace = new PaceLimiter();
  pace.setRate(100);
  const cancelled = expect(attempt('copy/a/1', pace, abort.signal)).rejects.toThrow('cancelled');
  while ((await query(postgres.url, IS_COPYING)).length === 0);
  abort.abort(new Error('cancelled'));
  await cancelled;
  expect((await sumsOf(postgres.url))[0]).toBe(0);
  expect(await attempt('copy/a/1')).toBe(ROWS);
});

test('a cancel is heard when the server has gone silent in the middle of a chunk', async () => {
  const { host, port, ...rest } = settingsOf(postgres.url);
  await using proxy = await startProxy(host, port);
  await using silent = await postgresEngine.openTarget!({ ...rest, host: '127.0.0.1', port: proxy.port });
  const lane = await silent.openLane({ runId, epoch: 1, lane: 'copy/a/1' });
  const abort = new AbortController();
  const pace = new PaceLimiter();
  pace.setRate(1_000);
  const copying = expect(
    copyChunk({ source, lane, plans, pace, rejectedLimit: 0, signal: abort.signal }),
  ).rejects.toThrow('cancelled');
  while ((await query(postgres.url, IS_COPYING)).length === 0);
  proxy.hold();
  pace.setRate(0);
  abort.abort(new Error('cancelled'));
  await copying;
  await lane[Symbol.asyncDispose]();
  expect((await sumsOf(postgres.url))[0]).toBe(0);
});

test('a value the target cannot hold stops the copy, and names its row', async () => {
  await execute(
    mysql.url,
    `CREATE TABLE nul (id INT PRIMARY KEY, t TEXT); INSERT INTO nul VALUES (1, 'a'), (7, 'b\\0')`,
  );
  try {
    const withNul = planTables(await source.introspect(), new Map(), {
      filter: tablesFilterSchema.parse({ include: ['nul'] }),
      mapping: mappingSchema.parse({}),
      targetSchema: 'public',
      names: target.names,
      parseType: (spelling) => target.parseType(spelling),
    });
    plans = withNul.tables.map((table) => ({ table, ddl: target.translate(table).ddl }));
    const create = plans.flatMap((plan) => plan.ddl.create.map((step) => ({ plan, step })));
    await target.run({ runId, epoch: 1, lane: 'prepare' }, create, () => undefined);
    await target.control.saveChunks(runId, 'nul', rangesBetween([]));
    await expect(attempt('copy/nul/1')).rejects.toMatchObject({
      code: 'ROW_REJECTED',
      message: expect.stringContaining(
        'table nul, column t, the row id = 7: the text holds the character NUL',
      ) as string,
    });
    expect(await query(postgres.url, 'select * from public.nul')).toEqual([]);
  } finally {
    await execute(mysql.url, 'DROP TABLE nul');
  }
});
