import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import { writeAtomically } from './atomicFile';
import type { WorkerEnvironment } from './environment';

/** Where a run's reports go, without an ending: under the first of the file roots. Errors: FILE_NOT_ALLOWED. */
export function reportFile({ fileRoots: [root] }: WorkerEnvironment, { workflowId, runId }: RunReference): string {
  if (root === undefined)
    throw new MigrationError('FILE_NOT_ALLOWED', 'MIGRATION_FILE_ROOTS names no folder for the report');
  return path.join(root, `${encodeURIComponent(workflowId)}-${runId}`);
}

/** Writes a report as JSON; answers its path. Errors: FILE_NOT_ALLOWED. */
export async function writeReportFile(
  environment: WorkerEnvironment,
  run: RunReference,
  report: object,
): Promise<string> {
  const file = `${reportFile(environment, run)}.json`;
  await mkdir(path.dirname(file), { recursive: true });
  const { workflowId, source, target } = run;
  await writeAtomically(
    file,
    `${JSON.stringify({ workflowId, source, target, ...report, reportPath: file }, null, 2)}\n`,
  );
  return file;
}
