import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ReportPaths, RunReference } from '../domain/activityMessages';
import type { ColumnFacts, TableFacts } from '../domain/catalog';
import { givingBack, readAccountsFound } from '../domain/freeze';
import { renderReport } from '../domain/report/page';
import type { ReportData, ReportDraft, TableBaseline } from '../domain/report/reportData';
import type { VerificationResult } from '../domain/verificationResult';
import { activity } from './activity';
import { writeAtomically } from './atomicFile';
import { withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { reportFile, writeReportFile } from './reportFile';

/**
 * Writes what is known of a migration, with every finding, under the first of the file roots: as a page whenever a
 * person is awaited, and at the end as JSON too. A later report of the same stage replaces the earlier one.
 */
export function reportActivities(environment: WorkerEnvironment) {
  return {
    writeReport: activity(async (_self, run: RunReference, draft: ReportDraft): Promise<ReportPaths> => {
      const awaited = draft.stage === 'approval' || draft.stage === 'acceptance';
      const name = reportFile(environment, run);
      const html = awaited ? `${name}-${draft.stage}.html` : `${name}.html`;
      const json = awaited ? null : `${name}.json`;
      const data = await completed(environment, run, draft, { reportPath: json, htmlReportPath: html });
      await mkdir(path.dirname(name), { recursive: true });
      await writeAtomically(html, renderReport(data));
      const { stage, ...told } = data;
      if (json !== null) await writeReportFile(environment, run, { outcome: stage, ...told });
      return { json, html };
    }),
    writeComparison: activity(async (_self, run: RunReference, result: VerificationResult): Promise<string> =>
      writeReportFile(environment, run, result),
    ),
  };
}

/** Adds what only the target knows: the findings of the plan and what the assessment proved. */
async function completed(
  environment: WorkerEnvironment,
  run: RunReference,
  draft: ReportDraft,
  paths: Pick<ReportData, 'reportPath' | 'htmlReportPath'>,
): Promise<ReportData> {
  return withTarget(environment, run, async ({ control }) => {
    const planned = await control.loadFindings(run.runId);
    const facts = await control.loadFacts(run.runId);
    const frozen = await control.loadFreeze(run.runId);
    const taken = frozen === null ? null : readAccountsFound(frozen.found);
    const { runId, workflowId, source, target } = run;
    const baseline = [...facts].map(([table, proved]) => baselineOf(table, proved));
    return {
      ...draft,
      workflowId,
      runId,
      source,
      target,
      findings: [...draft.findings, ...planned],
      baseline,
      positions: await control.loadPositions(run.runId),
      givingBack: [...(taken?.takings ?? [])].reverse().map(givingBack),
      ...paths,
    };
  });
}

function baselineOf(table: string, { rows, columns, orphans }: TableFacts): TableBaseline {
  const asked = Object.entries(columns).filter(([, facts]: [string, ColumnFacts]) => Object.keys(facts).length > 0);
  return { table, rows, columns: Object.fromEntries(asked), orphans };
}
