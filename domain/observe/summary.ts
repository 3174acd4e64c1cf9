import { count, counted, timeSpan } from '../format';
import { median } from '../preflight/network';
import type { Breach } from './judge';
import type { Baseline, ObservationTotals } from './observation';

/** What a result and a report tell of an observation. */
export interface Observation {
  /** As the input asks for, in milliseconds. */
  readonly plannedMs: number;
  readonly observedMs: number;
  readonly probes: number;
  readonly errors: number;
  /** The median of the last answers, in milliseconds; null without any. */
  readonly responseMs: number | null;
  /** Before the cutover; null where the application was not asked, or did not answer. */
  readonly baselineMs: number | null;
  readonly rounds: number;
  readonly criticalIssues: number;
  readonly issues: ObservationTotals['issues'];
  readonly checked: number;
  readonly failed: number;
  /** Why it rolled the migration back; null where it did not. */
  readonly breach: string | null;
}

export function summaryOf(
  plannedMs: number,
  totals: ObservationTotals,
  baseline: Baseline,
  breach: Breach | null,
): Observation {
  const { observedMs, probes, errors, rounds, criticalIssues, issues, checked, failed, answers } = totals;
  const times = answers.filter((answer) => answer !== null);
  return {
    plannedMs,
    observedMs: Math.round(observedMs),
    probes,
    errors,
    responseMs: times.length === 0 ? null : median(times),
    baselineMs: baseline.applicationMs,
    rounds,
    criticalIssues,
    issues,
    checked,
    failed,
    breach: breach === null ? null : `observe.${breach.threshold}: ${breach.reason}`,
  };
}

/** The observation in one sentence. */
export function observationSentence(observation: Observation): string {
  const { plannedMs, observedMs, probes, errors, responseMs, baselineMs, criticalIssues, checked, failed } =
    observation;
  const application =
    probes === 0
      ? 'the application was not asked'
      : `${counted(probes, 'probe')} of the application, ${count(errors)} failed` +
        (responseMs === null ? '' : `, median ${responseMs} ms`) +
        (baselineMs === null ? '' : ` (${baselineMs} ms before)`);
  return (
    `Observed for ${timeSpan(observedMs)} of ${timeSpan(plannedMs)}: ${application}; ` +
    `${counted(criticalIssues, 'critical issue')}; ${count(failed)} of ${counted(checked, 'check')} of rows failed.`
  );
}
