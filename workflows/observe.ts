import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import { durationMs } from '../domain/duration';
import { CRITICAL_ISSUES } from '../domain/observe/criticalIssues';
import { judge, type Breach } from '../domain/observe/judge';
import { NOTHING_OBSERVED, type Baseline, type ObservationTotals } from '../domain/observe/observation';
import { summaryOf } from '../domain/observe/summary';
import { nextWindowMs } from '../domain/observe/windows';
import { look, watching } from './activityProxies';
import { rootFailure, wasCutOff } from './failures';
import type { Migration } from './migration';

/** Asks how fast everything answers while the application still works on the source. It informs; nothing waits for it. */
export async function takeBaseline(migration: Migration): Promise<void> {
  const { run, input, record } = migration;
  const probeUrl = input.observe.probe?.url ?? null;
  try {
    record.baseline = await look.takeBaseline.executeWithOptions(
      { summary: 'How fast the application and the databases answer before the cutover' },
      [{ run, probeUrl }],
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    const missing = probeUrl === null ? null : rootFailure(error).message;
    record.baseline = { applicationMs: null, missing, targetMs: null, sourceMs: null };
    log.error('no baseline could be taken', { reason: rootFailure(error).message });
  }
  const { missing } = record.baseline;
  record.tell('BASELINE_MISSING', [
    ...(missing === null
      ? []
      : [{ object: 'observe.probe', source: missing, reason: 'response times after the switch are not judged' }]),
  ]);
}

/**
 * Watches the application and both databases after the switch, until the time is over or a person has decided. What
 * crosses a threshold rolls the migration back. Time in which the migration is paused does not count.
 */
export async function observe(migration: Migration): Promise<void> {
  const { record, decisions, input } = migration;
  const plannedMs = durationMs(input.observe.duration);
  let totals = NOTHING_OBSERVED;
  let breach: Breach | null = null;
  const show = (): void => {
    record.observation = summaryOf(plannedMs, totals, record.baseline, breach);
    tellIssues(migration, totals);
    record.onChange();
  };
  show();
  while (totals.observedMs < plannedMs && breach === null) {
    await condition(() => !decisions.paused || decisions.isSettled());
    if (decisions.isSettled()) break;
    const untilMs = totals.observedMs + nextWindowMs(totals.observedMs, plannedMs);
    const observed = await observeWindow(migration, totals, record.baseline, untilMs);
    if (observed === 'failed') return;
    totals = observed;
    breach = decisions.isSettled() ? null : judge(totals, record.baseline, input.observe);
    show();
  }
  if (breach === null) return;
  const { observation } = record;
  record.tell('OBSERVE_BREACHED', [
    { object: `observe.${breach.threshold}`, source: '', reason: observation?.breach ?? breach.reason },
  ]);
  decisions.rollBackBy('observe', observation?.breach ?? breach.reason);
}

/** What was observed by the end of the window, or by the moment that a person's decision or pause cut it off. */
async function observeWindow(
  migration: Migration,
  totals: ObservationTotals,
  baseline: Baseline,
  untilMs: number,
): Promise<ObservationTotals | 'failed'> {
  const { run, input, record, decisions } = migration;
  const scope = new CancellationScope();
  const waiting = new CancellationScope();
  const beganAt = Date.now();
  const cut = waiting.run(() => condition(() => decisions.isSettled() || decisions.paused)).then(() => scope.cancel());
  // Ended with the window, which is no failure.
  cut.catch(() => undefined);
  try {
    return await scope.run(() =>
      watching.observeWindow.executeWithOptions({ summary: 'Probe the application and look at both databases' }, [
        {
          run,
          freeze: record.freeze,
          horizon: record.horizon,
          probeUrl: input.observe.probe?.url ?? null,
          grants: input.targetGrants,
          thresholds: input.observe,
          baseline,
          totals,
          untilMs,
        },
      ]),
    );
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    if (scope.consideredCancelled && wasCutOff(error)) {
      return { ...totals, observedMs: Math.min(untilMs, totals.observedMs + (Date.now() - beganAt)) };
    }
    // What is live must not fall because nobody can look at it: a person decides.
    const { message } = rootFailure(error);
    record.tell('CHECK_FAILED', [
      { object: 'observe', source: message, reason: 'the observation ended before its time' },
    ]);
    log.error('the observation failed', { reason: message });
    return 'failed';
  } finally {
    waiting.cancel();
  }
}

function tellIssues({ record, run }: Migration, { issues, sourceSilent, rounds }: ObservationTotals): void {
  record.tell(
    'CRITICAL_ISSUE',
    issues.map(({ code, object, found, times }) => {
      const { meaning, remedy } = CRITICAL_ISSUES[code];
      return { object, source: `${code}, ${times} times: ${found}`, reason: `${meaning}: ${remedy}` };
    }),
  );
  if (sourceSilent === 0) return;
  const silent = `${run.source} did not answer in ${sourceSilent} of ${rounds} looks at it`;
  record.tell('CHECK_FAILED', [{ object: run.source, source: silent, reason: 'a rollback would have to wait for it' }]);
}
