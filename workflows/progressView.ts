import type { Pace } from '../domain/activityMessages';
import { rowsPerSecond } from '../domain/eta/course';
import { etaSeconds } from '../domain/eta/timeLeft';
import type { Progress } from '../domain/result';
import type { Decisions } from './decisions';
import type { MigrationRecord } from './record';

/** The small JSON the `progress` query answers, at a moment in epoch milliseconds. */
export function progressOf(record: MigrationRecord, decisions: Decisions, at: number): Progress {
  const tables = record.tables.map((table) => {
    const rowsCopied = record.copied.get(table.name) ?? 0;
    return { name: table.name, rowsCopied, rowsTotal: table.rows, percent: percentOf(rowsCopied, table.rows) };
  });
  const rowsCopied = sum(tables.map((table) => table.rowsCopied));
  const rowsTotal = sum(tables.map((table) => table.rowsTotal));
  const course = record.copyCourse;
  const pace = {
    rowsPerSecond: decisions.rowsPerSecond,
    paused: decisions.paused || record.appliedPace.paused || record.heldBack !== null,
  };
  return {
    phase: record.phase,
    tables,
    rowsCopied,
    rowsTotal,
    percent: record.copied.size === 0 ? 0 : percentOf(rowsCopied, rowsTotal),
    rowsPerSecond: course === null || pace.paused ? 0 : Math.round(rowsPerSecond(course)),
    etaSeconds: etaOf(record, pace, at),
    asOf: course === null ? null : new Date(course.readAt).toISOString(),
    lagSeconds: record.lag?.lagSeconds ?? null,
    lagBytes: record.lag?.lagBytes ?? null,
    waitingFor: waitingFor(decisions),
    freezeMs: record.writePause.ms,
    evidence: record.evidence,
    approvals: { needed: decisions.approvalsNeeded, by: [...decisions.approvers] },
    endsAt: record.endsAt,
    estimate: record.estimate,
    throttledTo: decisions.rowsPerSecond,
    lastFailure: record.schemaFailure ?? record.lastFailure,
    schemaProposal: record.schemaProposal,
    heldBack: record.heldBack,
    decisions: [...record.decisions],
    ignoredSignals: [...record.ignored],
  };
}

function waitingFor({ awaitsSchema, paused, awaiting }: Decisions): Progress['waitingFor'] {
  if (awaitsSchema) return 'ddlDecision';
  return paused ? 'resume' : awaiting;
}

/** A copy that was cut off has no end to tell of. */
function etaOf({ copyCourse, phase }: MigrationRecord, pace: Pace, at: number): number | null {
  const eta = copyCourse === null ? null : etaSeconds(copyCourse, pace, at);
  return phase === 'copy' || eta === 0 ? eta : null;
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.min(100, Math.round((1_000 * part) / whole) / 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
