import { z } from 'zod';
import type { CriticalIssue } from './criticalIssues';
import { CRITICAL_ISSUES } from './criticalIssues';

/** How many of the last answers an error rate is the share of: at two probes a second, those of one minute. */
export const ANSWERS_KEPT = 120;
/** How many of the last pings of the target are kept. */
const PINGS_KEPT = 60;
/** How many different issues and broken rows are named; all are counted. */
const NAMED = 20;

const codes = Object.keys(CRITICAL_ISSUES) as [CriticalIssue['code']];

/** What has been observed so far: counts, and the last answers. Small, because it travels through heartbeats. */
export const observationTotalsSchema = z.object({
  /** Time in which probes were made: that in which no worker was there, or the migration was paused, is none. */
  observedMs: z.number(),
  probes: z.number(),
  errors: z.number(),
  /** Of the last ANSWERS_KEPT probes, the oldest first: milliseconds, or null where it was an error. */
  answers: z.array(z.number().nullable()),
  lastError: z.string().nullable(),
  /** How often both databases were looked at. */
  rounds: z.number(),
  /** Rounds in which the source did not answer. They roll nothing back: the way would lead to it. */
  sourceSilent: z.number(),
  /** The last pings of the target, in milliseconds. */
  pings: z.array(z.number()),
  criticalIssues: z.number(),
  issues: z.array(
    z.object({
      code: z.enum(codes),
      object: z.string(),
      found: z.string(),
      times: z.number(),
    }),
  ),
  checked: z.number(),
  failed: z.number(),
  /** What failed first, in words. */
  failures: z.array(z.string()),
});

export type ObservationTotals = z.infer<typeof observationTotalsSchema>;

/** How fast the application and the databases answered before the cutover; null where they did not. */
export interface Baseline {
  /** The median of the application's answers, in milliseconds. */
  readonly applicationMs: number | null;
  /** Why there is none, in words; null where there is one, or no probe. */
  readonly missing: string | null;
  readonly targetMs: number | null;
  readonly sourceMs: number | null;
}

/** What an application may say of itself in the JSON it answers a probe with. */
export interface SelfReport {
  readonly critical: number;
  readonly validationFailures: number;
  readonly checks: number;
}

export const NOTHING_OBSERVED: ObservationTotals = {
  observedMs: 0,
  probes: 0,
  errors: 0,
  answers: [],
  lastError: null,
  rounds: 0,
  sourceSilent: 0,
  pings: [],
  criticalIssues: 0,
  issues: [],
  checked: 0,
  failed: 0,
  failures: [],
};

/** Adds one answer of the application: how long it took, or why it was an error. */
export function withAnswer(
  totals: ObservationTotals,
  { ms, error, report }: { ms: number; error: string | null; report: SelfReport | null },
): ObservationTotals {
  const answered = {
    ...totals,
    probes: totals.probes + 1,
    errors: totals.errors + (error === null ? 0 : 1),
    answers: [...totals.answers, error === null ? tenths(ms) : null].slice(-ANSWERS_KEPT),
    lastError: error ?? totals.lastError,
  };
  if (report === null) return answered;
  const { critical, validationFailures, checks } = report;
  const found = `the application reported ${critical}`;
  const counted =
    critical === 0
      ? answered
      : withIssue(answered, { code: 'APPLICATION_CRITICAL', object: 'observe.probe', found }, critical);
  return withChecks(counted, {
    // Who reports failures without saying of how many checks has checked as many.
    checked: Math.max(checks, validationFailures),
    failed: validationFailures,
    failures: validationFailures === 0 ? [] : [`the application reported ${validationFailures} failed validations`],
  });
}

/** Adds what a look at the databases found. */
export function withIssue(totals: ObservationTotals, issue: CriticalIssue, times = 1): ObservationTotals {
  const { code, object, found } = issue;
  const known = totals.issues.find((other) => other.code === code && other.object === object);
  const issues =
    known === undefined
      ? [...totals.issues, { code, object, found, times }].slice(0, NAMED)
      : totals.issues.map((other) => (other === known ? { ...known, found, times: known.times + times } : other));
  return { ...totals, issues, criticalIssues: totals.criticalIssues + times };
}

export interface Checks {
  readonly checked: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

export function withChecks(totals: ObservationTotals, { checked, failed, failures }: Checks): ObservationTotals {
  const named = new Set([...totals.failures, ...failures]);
  return {
    ...totals,
    checked: totals.checked + checked,
    failed: totals.failed + failed,
    failures: [...named].slice(0, NAMED),
  };
}

export function withPing(totals: ObservationTotals, ms: number): ObservationTotals {
  return { ...totals, pings: [...totals.pings, tenths(ms)].slice(-PINGS_KEPT) };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
