import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { planWayBack } from '../../domain/wayBack';
import type { Source, Target } from '../../engines/engine';
import { applyChanges } from '../../pipeline/applyChanges';
import { completeLog } from '../../pipeline/completeLog';
import { startMariadb, startMysql, startPostgres, type DatabaseServer } from '../servers';
import { copy, openSource, openTarget, planOf } from './applyStream';
import { loadMixedTable, MIXED_TABLE } from './mixedTable';
import { timed } from './stage';

const DATABASE = 'applied';
const STREAM = 'back';
const PATIENCE_MS = 10_000;

/** How fast changes of rows of PostgreSQL reach the tables of MySQL and MariaDB that they were copied from. */
export async function benchBack(rows: number): Promise<string[]> {
  const lines: string[] = [];
  for (const start of [startMysql, startMariadb]) {
    const [source, target] = await Promise.all([start(), startPostgres()]);
    try {
      lines.push(...(await measure(source, target, rows)));
    } finally {
      await Promise.all([source.remove(), target.remove()]);
    }
  }
  return lines;
}

async function measure(mysql: DatabaseServer, postgres: DatabaseServer, rows: number): Promise<string[]> {
  await loadMixedTable(mysql.url(DATABASE).replace(/^mariadb:/, 'mysql:'), rows);
  const client = new Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    await using source = await openSource(mysql.url(DATABASE));
    await using target = await openTarget(postgres.url('postgres'));
    const seconds = await measureBack(source, target, client);
    return [
      `way back, ${rows.toLocaleString('en')} updated rows of the mixed table, from PostgreSQL into ${mysql.kind}`,
      `  decoded, netted, applied              ${seconds.toFixed(2)} s   ${Math.round(rows / seconds).toLocaleString('en')} rows/s`,
    ];
  } finally {
    await client.end();
  }
}

async function measureBack(source: Source, target: Target, client: Client): Promise<number> {
  const { takesBack } = source;
  const run = { runId: randomUUID(), workflowId: 'bench', sourceName: 'source', targetName: 'target', fingerprint: '' };
  const epoch = await target.control.openRun(run);
  const work = { runId: run.runId, epoch, lane: STREAM };
  const stream = target.changesOf?.(work, 'public');
  if (takesBack === undefined || stream === undefined) throw new Error('there is a way back between these engines');
  const plan = await planOf(source, target);
  for (const { sql } of plan.ddl.create) await client.query(sql);
  await copy(source, target, plan, work);
  await client.query(`ALTER TABLE ${MIXED_TABLE} ADD PRIMARY KEY (id)`);
  const back = planWayBack([plan]).tables;
  await takesBack.prepare(work);
  await stream.publish(back.map(({ table }) => table));
  await stream.start(PATIENCE_MS);
  const from = await stream.end();
  await takesBack.beginStream(run.runId, STREAM, from, from);
  await client.query(`UPDATE ${MIXED_TABLE} SET quantity = quantity + 1, title = 'new ' || id, changed_at = now()`);
  await takesBack.orderStop(run.runId, STREAM, await stream.end());
  const tables = back.map((each) => ({ plan: each, formats: stream.cellFormats(each.table) }));
  return timed(async () => {
    await using applier = await takesBack.openApplier(work, tables);
    const task = { stream, applier, tables, high: from, source: completeLog, signal: new AbortController().signal };
    await applyChanges({ ...task, onApplied: () => undefined });
  });
}
