import type { ReportPaths } from '../domain/activityMessages';
import type { MigrationResult, Outcome, TableResult } from '../domain/result';
import type { Migration } from './migration';

/** The result, or with a null outcome the result so far. */
export function resultOf(migration: Migration, outcome: Outcome, paths: ReportPaths | null): MigrationResult;
export function resultOf(migration: Migration, outcome: null, paths: null): Omit<MigrationResult, 'outcome'>;
export function resultOf(
  migration: Migration,
  outcome: Outcome | null,
  paths: ReportPaths | null,
): Omit<MigrationResult, 'outcome'> {
  const { record } = migration;
  const tables = record.tables.map((table): TableResult => {
    const notVerified = {
      sourceRows: table.rows,
      targetRows: record.copied.get(table.name) ?? 0,
      verifiedRows: 0,
      mismatches: 0,
    };
    const { name, targetName, columns, bytes } = table;
    return { ...notVerified, ...record.verified.get(name), name, targetName, columns, bytes };
  });
  return {
    ...(outcome === null ? {} : { outcome }),
    tables,
    findings: record.findings,
    freezeMs: record.writePause.ms,
    phases: record.finishedPhases,
    decisions: record.decisions,
    risks: record.risks,
    backup: record.backup,
    estimate: record.estimate,
    trial: record.trial,
    copySamples: record.copySamples,
    acceptanceChecks: record.acceptanceChecks,
    reportPath: paths?.json ?? null,
    htmlReportPath: (paths ?? record.reportPaths)?.html ?? null,
    ...(record.keptSchema === null ? {} : { keptSchema: record.keptSchema }),
    ...(record.observation === null ? {} : { observation: record.observation }),
    ...(record.writtenOnTarget === null ? {} : { writtenOnTarget: record.writtenOnTarget }),
  };
}
