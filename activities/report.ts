import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { MigrationResult } from '../domain/result';
import { activity } from './activity';
import { writeAtomically } from './atomicFile';
import { withTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/** Writes what came of a migration, with every finding, as JSON under the first of the file roots. */
export function reportActivities(environment: WorkerEnvironment) {
  return {
    writeReport: activity(async (_self, run: RunReference, result: MigrationResult): Promise<string> => {
      const [root] = environment.fileRoots;
      if (root === undefined)
        throw new MigrationError('FILE_NOT_ALLOWED', 'MIGRATION_FILE_ROOTS names no folder for the report');
      const planned = await withTarget(environment, run, (target) => target.control.loadFindings(run.runId));
      // The result carries those of the preflight, too, but of the plan's only so many.
      const stored = new Set(planned.map((finding) => JSON.stringify(finding)));
      const others = result.findings.filter((finding) => !stored.has(JSON.stringify(finding)));
      const findings = [...others, ...planned];
      const file = path.join(root, `${encodeURIComponent(run.workflowId)}-${run.runId}.json`);
      await mkdir(root, { recursive: true });
      const report = {
        workflowId: run.workflowId,
        source: run.source,
        target: run.target,
        ...result,
        findings,
        reportPath: file,
      };
      await writeAtomically(file, `${JSON.stringify(report, null, 2)}\n`);
      return file;
    }),
  };
}
