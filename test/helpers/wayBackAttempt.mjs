// One attempt at bringing back what is written on a target, as a process of its own; on stdin where and what. Says of each
// batch how many changes it had, and at the end why it ended.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const { dist, source, target, work, back } = JSON.parse(await text(process.stdin));
const load = (path) => createRequire(import.meta.url)(join(dist, path));
const { mysqlEngine } = load('engines/mysql');
const { postgresEngine } = load('engines/postgres');
const { parseDatabaseUrl } = load('domain/connectionUrl');
const { applyChanges } = load('pipeline/applyChanges');
const { completeLog } = load('pipeline/completeLog');

const { takesBack } = await mysqlEngine.openSource(parseDatabaseUrl('source', source));
const changes = (await postgresEngine.openTarget(parseDatabaseUrl('target', target))).changesOf(work, 'public');
const tables = back.map((plan) => ({ plan, formats: changes.cellFormats(plan.table) }));
try {
  const applier = await takesBack.openApplier(work, tables);
  const { high } = await takesBack.loadStream(work.runId, work.lane);
  const { signal } = new globalThis.AbortController();
  const onApplied = ({ changes: count }) => process.stdout.write(`applied ${count}\n`);
  await applyChanges({ stream: changes, applier, tables, high, source: completeLog, signal, onApplied });
  process.stdout.write('drained\n', () => process.exit(0));
} catch (error) {
  process.stdout.write(`${error.code}\n`, () => process.exit(1));
}
