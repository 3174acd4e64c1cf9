import { count } from '../format';
import type { MigrationInput } from '../input';
import { median } from '../preflight/network';
import { ANSWERS_KEPT, type Baseline, type ObservationTotals } from './observation';

export type Thresholds = Pick<
  MigrationInput['observe'],
  'maxErrorRate' | 'maxResponseTimeFactor' | 'maxValidationFailureRate' | 'maxCriticalIssues'
>;

/** A threshold that was crossed, and the numbers in words. */
export interface Breach {
  readonly threshold: keyof Thresholds;
  readonly reason: string;
}

/** The response time is the median of so many of the last answers: half a minute's. */
const TIMES_JUDGED = 60;
/** Fewer answers than that say nothing of how fast they are. */
const FEWEST_TIMES = 20;
/** Fewer pings of the target than that say nothing; there is one every two seconds. */
const FEWEST_PINGS = 10;
/** A baseline below that is taken for that: differences of a few milliseconds are the machine's moods. */
const LEAST_BASELINE_MS = 10;
/** Fewer checked rows than that say nothing of a rate. */
const FEWEST_CHECKED = 100;

/** The first threshold that what was observed is beyond, or null. Pure; docs/operations.md tells the reasons. */
export function judge(totals: ObservationTotals, baseline: Baseline, thresholds: Thresholds): Breach | null {
  return (
    judgeErrors(totals, thresholds) ??
    judgeIssues(totals, thresholds) ??
    judgeValidation(totals, thresholds) ??
    judgeTimes(totals, baseline, thresholds)
  );
}

/**
 * Of a whole minute's probes, also while fewer were made: a total outage is seen after seconds, and a stumble right
 * after the switch, before there is anything to compare it with, is not taken for one.
 */
function judgeErrors({ answers, lastError }: ObservationTotals, { maxErrorRate }: Thresholds): Breach | null {
  const errors = answers.filter((answer) => answer === null).length;
  if (errors <= maxErrorRate * ANSWERS_KEPT) return null;
  return {
    threshold: 'maxErrorRate',
    reason:
      `${errors} of the last ${answers.length} probes of the application failed: more than ${percent(maxErrorRate)} ` +
      `of the ${ANSWERS_KEPT} of a minute. The last one: ${lastError ?? 'no reason'}`,
  };
}

function judgeIssues({ criticalIssues, issues }: ObservationTotals, { maxCriticalIssues }: Thresholds): Breach | null {
  if (criticalIssues <= maxCriticalIssues) return null;
  const named = issues.map(({ code, object, found, times }) => `${code} ${object} (${times} times: ${found})`);
  return {
    threshold: 'maxCriticalIssues',
    reason: `${criticalIssues} critical issues, more than ${maxCriticalIssues}: ${named.join('; ')}`,
  };
}

function judgeValidation(
  { checked, failed, failures }: ObservationTotals,
  { maxValidationFailureRate }: Thresholds,
): Breach | null {
  if (checked < FEWEST_CHECKED || failed <= maxValidationFailureRate * checked) return null;
  return {
    threshold: 'maxValidationFailureRate',
    reason:
      `${count(failed)} of ${count(checked)} checks of rows failed, more than ${percent(maxValidationFailureRate)}: ` +
      failures.join('; '),
  };
}

/** The median, because a rollback is dear: a checkpoint or a cold cache makes some answers slow, and not half of them. */
function judgeTimes(
  { answers, pings }: ObservationTotals,
  { applicationMs, targetMs }: Baseline,
  { maxResponseTimeFactor }: Thresholds,
): Breach | null {
  const times = answers.filter((answer) => answer !== null).slice(-TIMES_JUDGED);
  const limitOf = (baselineMs: number): number => maxResponseTimeFactor * Math.max(baselineMs, LEAST_BASELINE_MS);
  const slow = (what: string, values: readonly number[], baselineMs: number): Breach => ({
    threshold: 'maxResponseTimeFactor',
    reason:
      `the median of the last ${values.length} ${what} is ${median(values)} ms, more than ${limitOf(baselineMs)} ms: ` +
      `${maxResponseTimeFactor} times the baseline of ${baselineMs} ms` +
      (baselineMs < LEAST_BASELINE_MS ? `, which counts as ${LEAST_BASELINE_MS} ms` : ''),
  });
  if (applicationMs !== null && times.length >= FEWEST_TIMES && median(times) > limitOf(applicationMs)) {
    return slow('answers of the application', times, applicationMs);
  }
  if (targetMs !== null && pings.length >= FEWEST_PINGS && median(pings) > limitOf(targetMs)) {
    return slow('pings of the target', pings, targetMs);
  }
  return null;
}

function percent(rate: number): string {
  return `${Number((rate * 100).toPrecision(3))} %`;
}
