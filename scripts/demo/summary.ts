import type { MigrationResult } from '../../domain/result';
import type { VisitorStatistics } from '../shop/visitors';

/** What a person wants to know at the end of the demo. */
export function summaryLines(result: MigrationResult, visitors: VisitorStatistics): string[] {
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
    `Write pause:        ${seconds(result.freezeMs)} (the shop's visitors saw ${seconds(visitors.longestPauseMs)})`,
    `Visitors:           ${visitors.orders} orders placed, ${visitors.looks} times found again; the longest answer took ${seconds(visitors.longestAnswerMs)}`,
    `Put off:            ${visitors.putOff} times the shop asked to order later, while the source was frozen`,
    `Errors they saw:    ${[visitors.errors.length, ...visitors.errors].join('; ')}`,
    `Findings:           ${result.findings.length}`,
    `Report:             ${result.reportPath ?? ''}`,
    `Report as a page:   ${result.htmlReportPath ?? ''}`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
