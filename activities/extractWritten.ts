import path from 'node:path';
import type { ExtractionAnswer, ExtractionRequest } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { WrittenTable } from '../domain/result';
import type { Source, Target } from '../engines/engine';
import { faultPoint } from '../pipeline/faultPoint';
import { findWritten } from '../pipeline/findWritten';
import { activity, type Activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { reportFile } from './reportFile';
import { fileNameOf, WrittenFile } from './writtenFile';

/** So many tables and reasons travel through the history; the files have the rest. */
const NAMED = 200;

/**
 * Writes what the application wrote on the target to files, from the tables that were set aside, before the source takes
 * writes again. An attempt begins anew; a file is there whole or not at all. One table that fails stops no other.
 */
export function extractActivities(environment: WorkerEnvironment) {
  return {
    extractWritten: activity(async (self, request: ExtractionRequest): Promise<ExtractionAnswer> =>
      withBoth(environment, request.run, async (source, target) => {
        const folder = path.join(reportFile(environment, request.run), 'written-on-target');
        const frozenBefore = await isFrozen(source, request);
        const plans = await target.control.loadPlan(request.run.runId, null);
        const written: WrittenTable[] = [];
        const failed: { table: string; reason: string }[] = [];
        for (const [index, { table }] of plans.entries()) {
          const { name } = table.source;
          self.show({ table: name, done: index, of: plans.length });
          try {
            const kept = { ...table, targetSchema: request.keptSchema };
            const found = await extractTable(self, request, { source, target, table: kept, folder });
            if (found !== null) written.push(found);
          } catch (error) {
            if (self.signal.aborted || !passesOver(error)) throw error;
            failed.push({ table: name, reason: reasonOf(error) });
          }
        }
        const frozen = frozenBefore && (await isFrozen(source, request));
        return { frozen, tables: written.length, written: written.slice(0, NAMED), failed: failed.slice(0, NAMED) };
      }),
    ),
  };
}

interface Side {
  readonly source: Source;
  readonly target: Target;
  readonly table: Parameters<typeof findWritten>[0]['table'];
  readonly folder: string;
}

async function extractTable(
  self: Activity,
  { run, horizon }: ExtractionRequest,
  { source, target, table, folder }: Side,
): Promise<WrittenTable | null> {
  const { name } = table.source;
  await using file = new WrittenFile(path.join(folder, `${fileNameOf(name)}.ndjson`));
  const ranges = (await target.control.loadChunks(run.runId, name)).map(({ range }) => range);
  const rejected = await target.control.rejectedKeys(run.runId, name, 'rejected');
  await findWritten({ source, target, table, horizon, ranges, rejected, signal: self.signal }, async (row) => {
    await file.add(row);
    faultPoint('extract.row', name);
  });
  const sha256 = await file.finish();
  if (sha256 === null) return null;
  const { insert, update, delete: deleted } = file.counts;
  return { table: name, inserted: insert, updated: update, deleted, path: file.file, sha256 };
}

async function isFrozen(source: Source, { freeze }: ExtractionRequest): Promise<boolean> {
  if (freeze === null) return false;
  try {
    await source.checkFrozen(freeze);
    return true;
  } catch (error) {
    if (error instanceof MigrationError && error.code === 'FREEZE_LOST') return false;
    throw error;
  }
}

/** A table that was dropped, or a file that cannot be written, is no reason to keep from the others. */
function passesOver(error: unknown): boolean {
  if (error instanceof MigrationError) return !error.retryable && error.code !== 'INTERNAL';
  return error instanceof Error && 'code' in error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason given';
}
