import type { MigrationResult } from '../../domain/result';
import type { ApplicationStatistics } from '../shop/application';

/** What a person wants to know at the end of the demo. */
export function summaryLines(result: MigrationResult, application: ApplicationStatistics): string[] {
  const total = (count: (table: MigrationResult['tables'][number]) => number): string =>
    result.tables.reduce((sum, table) => sum + count(table), 0).toLocaleString('en');
  return [
    '',
    `Outcome:            ${result.outcome}`,
    `Tables:             ${result.tables.length}`,
    `Rows on the source: ${total((table) => table.sourceRows)}`,
    `Rows on the target: ${total((table) => table.targetRows)}`,
    `Rows verified:      ${total((table) => table.verifiedRows)}`,
    `Mismatches:         ${total((table) => table.mismatches)}`,
    `Write pause:        ${(result.freezeMs / 1_000).toFixed(1)} s (the application saw ${(application.longestPauseMs / 1_000).toFixed(1)} s)`,
    `Application writes: ${application.writes.source} on the source, ${application.writes.target} on the target`,
    `Findings:           ${result.findings.length}`,
    `Report:             ${result.reportPath ?? ''}`,
    `Report as a page:   ${result.htmlReportPath ?? ''}`,
  ];
}
