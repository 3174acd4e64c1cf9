import type { TablePlan } from '../../../domain/plan';
import type { AppliedTable } from '../../../engines/engine';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import { postgresEngine } from '../../../engines/postgres';
import { cellFormats } from '../../../engines/postgres/changes/cellFormats';
import { applyChanges } from '../../../pipeline/applyChanges';
import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { execute, freshDatabase, query } from '../../helpers/databases';
import { until } from '../mysqlSource/stage';
import { PgoutputStage } from './stage';

let server: DatabaseServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => server.remove());

const TABLES = `create table parent (id int primary key, name varchar(40), price numeric(10,2), at timestamptz(6), data jsonb);
  create table child (id int primary key, parent int, raw bytea, ok boolean, flags bit(9), span interval(6))`;
const REFERENCE =
  'alter table child add foreign key (parent) references parent on delete cascade on update cascade deferrable initially deferred';

const WORK = [
  `insert into parent select n, 'name ' || n, n / 7.0, '2024-01-01'::timestamptz + n * interval '1 hour', json_build_object('n', n)
    from generate_series(1, 3000) n`,
  `insert into child select n, 1 + n % 3000, decode(md5(n::text), 'hex'), n % 2 = 0, (n % 512)::bit(9), n * interval '1 second'
    from generate_series(1, 9000) n`,
  'update parent set id = id + 100000 where id % 10 = 0',
  'delete from parent where id % 7 = 0',
  "update parent set name = null, data = '[1.50]' where id % 3 = 0",
  'begin; delete from child where id % 2 = 0; insert into child select n, null from generate_series(2, 500, 2) n; commit',
];

const ROWS = (table: string): string => `select ${table}::text as row from ${table} order by id`;

test('applied to another database, the log leads to the same rows, and the slot is confirmed as far as they are', async () => {
  await using stage = await PgoutputStage.open(server, `${TABLES}; ${REFERENCE}`);
  await using copy = await freshDatabase(server.url());
  await execute(copy.url, TABLES);
  await using target = await postgresEngine.openTarget!(parseDatabaseUrl('target', copy.url));
  const tables = stage.plans.map((table): AppliedTable => {
    const nativeTypes = table.columns.map(({ source }) => source.declaredType);
    const plan: TablePlan = { table, ddl: { nativeTypes, create: [], build: [], foreignKeys: [], grants: [] } };
    return { plan, formats: cellFormats(table) };
  });
  const work = { runId: 'run-way-back', lane: 'back' };
  const names = { workflowId: 'w', sourceName: 's', targetName: 't', fingerprint: 'f' };
  const epoch = await target.control.openRun({ runId: work.runId, ...names });
  await target.control.beginStream(work.runId, work.lane, stage.from, stage.from);
  for (const sql of WORK) await stage.query(sql);
  const stop = await stage.changes.end();
  await target.control.orderStop(work.runId, work.lane, stop);
  await using applier = await target.openApplier({ ...work, epoch }, tables);
  const end = await applyChanges({
    ...{ stream: stage.changes, applier, tables, high: stage.from, signal: new AbortController().signal },
    source: {
      read: () => Promise.reject(new Error('the log has what foreign keys do')),
      position: () => stage.changes.end(),
    },
    onApplied: () => undefined,
  });
  expect(end).toMatchObject({ kind: 'drained' });
  for (const table of ['parent', 'child']) {
    expect(await query(copy.url, ROWS(table))).toEqual(await query(stage.url, ROWS(table)));
  }
  const applied = (await applier.applied()).position;
  expect(stage.changes.contains(applied, stop)).toBe(true);
  await until(async () => (await confirmed(stage)) !== (stage.from.kind === 'lsn' ? stage.from.lsn : ''));
  expect(stage.changes.contains(applied, { ...stage.from, lsn: await confirmed(stage) } as typeof stage.from)).toBe(
    true,
  );
});

function confirmed(stage: PgoutputStage): Promise<string> {
  return stage.value('select confirmed_flush_lsn from pg_replication_slots where database = current_database()');
}
