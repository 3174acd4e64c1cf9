import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { parseDatabaseUrl } from '../../domain/connectionUrl';
import type { TablePlan } from '../../domain/plan';
import type { ChangeStream, Source, Target } from '../../engines/engine';
import { mysqlEngine } from '../../engines/mysql';
import { postgresEngine } from '../../engines/postgres';
import { applyChanges } from '../../pipeline/applyChanges';
import { copyChunk } from '../../pipeline/copyChunk';
import { PaceLimiter } from '../../pipeline/pace';
import { plannedAsIs } from '../plannedAsIs';
import { startMysql, startPostgres } from '../servers';
import { loadMixedTable, MIXED_TABLE } from './mixedTable';
import { timed } from './stage';

const DATABASE = 'applied';
/** A statement changes so many rows, spread over the whole table. */
const ROWS_PER_STATEMENT = 10_000;
const STREAM = 'forward';
const NEVER = new AbortController().signal;

/** How fast changes of rows at random keys reach PostgreSQL, beside one upsert of the same rows from a ready table. */
export async function benchApply(rows: number): Promise<string[]> {
  const [source, target] = await Promise.all([startMysql(), startPostgres()]);
  try {
    await loadMixedTable(source.url(DATABASE), rows);
    const client = new Client({ connectionString: target.url('postgres') });
    await client.connect();
    try {
      await using from = await openSource(source.url(DATABASE));
      await using to = await openTarget(target.url('postgres'));
      return await measure(from, to, client, source.url(DATABASE), rows);
    } finally {
      await client.end();
    }
  } finally {
    await Promise.all([source.remove(), target.remove()]);
  }
}

async function measure(source: Source, target: Target, client: Client, url: string, rows: number): Promise<string[]> {
  const changes = source.changes as ChangeStream;
  const names = { workflowId: 'bench', sourceName: 'source', targetName: 'target', fingerprint: '' };
  const run = { runId: randomUUID(), ...names };
  const epoch = await target.control.openRun(run);
  const plan = await planOf(source, target);
  for (const { sql } of plan.ddl.create) await client.query(sql);
  const from = await changes.start(0);
  await copy(source, target, plan, { runId: run.runId, epoch });
  await client.query(`ALTER TABLE ${MIXED_TABLE} ADD PRIMARY KEY (id); CREATE TABLE before AS TABLE ${MIXED_TABLE}`);
  await client.query('ALTER TABLE before ADD PRIMARY KEY (id)');
  await client.query('VACUUM ANALYZE');
  await changeRows(url, rows);
  const stop = await source.position();
  await target.control.beginStream(run.runId, STREAM, from, from);
  await target.control.orderStop(run.runId, STREAM, stop);

  const tables = [{ plan, formats: source.cellFormats(plan.table) }];
  const applying = await timed(async () => {
    await using applier = await target.openApplier({ runId: run.runId, epoch, lane: STREAM }, tables);
    const lookup = { read: () => Promise.resolve([]), position: () => Promise.resolve(stop) };
    const task = { stream: changes, applier, tables, high: from, source: lookup, signal: NEVER };
    await applyChanges({ ...task, onApplied: () => undefined });
  });

  await client.query(`CREATE UNLOGGED TABLE ready AS TABLE ${MIXED_TABLE}`);
  await client.query('VACUUM ANALYZE');
  const columns = plan.table.columns.map(({ targetName }) => targetName);
  const values = columns.map((name) => `"${name}" = excluded."${name}"`);
  const upserting = await timed(async () => {
    await client.query(`INSERT INTO before SELECT * FROM ready ON CONFLICT (id) DO UPDATE SET ${values.join(', ')}`);
  });
  const rate = (seconds: number): string => `${Math.round(rows / seconds).toLocaleString('en')} rows/s`;
  return [
    `change stream, ${rows.toLocaleString('en')} updated rows of the mixed table, from MySQL's log into PostgreSQL`,
    `  decoded, netted, applied              ${applying.toFixed(2)} s   ${rate(applying)}`,
    `  one upsert from a ready table         ${upserting.toFixed(2)} s   ${rate(upserting)}`,
    `  ratio                                 ${(applying / upserting).toFixed(2)}`,
  ];
}

export async function openSource(url: string): Promise<Source> {
  const source = await mysqlEngine.openSource?.(parseDatabaseUrl('source', url));
  if (source === undefined) throw new Error('the engine opens sources');
  return source;
}

export async function openTarget(url: string): Promise<Target> {
  const target = await postgresEngine.openTarget?.(parseDatabaseUrl('target', url));
  if (target === undefined) throw new Error('the engine opens targets');
  return target;
}

export async function planOf(source: Source, target: Target): Promise<TablePlan> {
  const [table] = (await source.introspect()).tables;
  if (table === undefined) throw new Error('the table is there');
  const planned = plannedAsIs(table, ['id']);
  return { table: planned, ddl: target.translate(planned).ddl };
}

export async function copy(
  source: Source,
  target: Target,
  plan: TablePlan,
  run: { runId: string; epoch: number },
): Promise<void> {
  await target.control.saveChunks(run.runId, plan.table.source.name, [{ after: null, upTo: null }]);
  await using lane = await target.openLane({ ...run, lane: 'copy' });
  const task = { source, lane, plans: [plan], pace: new PaceLimiter(), rejectedLimit: 0, signal: NEVER };
  while ((await copyChunk(task)) !== null);
}

/** Updates every row once, in transactions whose rows lie all over the table. */
async function changeRows(url: string, rows: number): Promise<void> {
  const session = await createConnection({ uri: url });
  const statements = Math.ceil(rows / ROWS_PER_STATEMENT);
  for (let statement = 0; statement < statements; statement++) {
    await session.query(
      `UPDATE ${MIXED_TABLE} SET quantity = quantity + 1, title = CONCAT('new ', id), changed_at = NOW() WHERE id % ? = ?`,
      [statements, statement],
    );
  }
  await session.end();
}
