import type { Progress } from '../domain/result';
import type { Decisions } from './decisions';
import type { MigrationRecord } from './record';

/** The small JSON the `progress` query answers. Rates and the time left are as of the last reading of the copy. */
export function progressOf(record: MigrationRecord, decisions: Decisions): Progress {
  const tables = record.tables.map((table) => {
    const rowsCopied = record.copied.get(table.name) ?? 0;
    return { name: table.name, rowsCopied, rowsTotal: table.rows, percent: percentOf(rowsCopied, table.rows) };
  });
  const rowsCopied = sum(tables.map((table) => table.rowsCopied));
  const rowsTotal = sum(tables.map((table) => table.rowsTotal));
  const rowsPerSecond = Math.round(record.rowsPerSecond);
  const left = Math.max(rowsTotal - rowsCopied, 0);
  return {
    phase: record.phase,
    tables,
    rowsCopied,
    rowsTotal,
    percent: record.copied.size === 0 ? 0 : percentOf(rowsCopied, rowsTotal),
    rowsPerSecond,
    etaSeconds: rowsPerSecond > 0 ? Math.ceil(left / rowsPerSecond) : null,
    lagSeconds: null,
    lagBytes: null,
    waitingFor: decisions.paused ? 'resume' : decisions.awaiting,
    freezeMs: record.writePause.ms,
    evidence: record.evidence,
    approvals: { needed: decisions.approvalsNeeded, by: [...decisions.approvers] },
    endsAt: record.endsAt,
    estimate: record.estimate,
    throttledTo: decisions.rowsPerSecond,
    lastFailure: record.lastFailure,
    decisions: [...record.decisions],
    ignoredSignals: [...record.ignored],
  };
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.min(100, Math.round((1_000 * part) / whole) / 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
