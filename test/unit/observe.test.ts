import { judge, type Thresholds } from '../../domain/observe/judge';
import {
  NOTHING_OBSERVED,
  observationTotalsSchema,
  withAnswer,
  withChecks,
  withIssue,
  withPing,
  type Baseline,
  type ObservationTotals,
} from '../../domain/observe/observation';
import { observationSentence, summaryOf } from '../../domain/observe/summary';
import { nextWindowMs } from '../../domain/observe/windows';
import { fileNameOf } from '../../activities/writtenFile';

const THRESHOLDS: Thresholds = {
  maxErrorRate: 0.05,
  maxResponseTimeFactor: 2,
  maxValidationFailureRate: 0.001,
  maxCriticalIssues: 10,
};
const BASELINE: Baseline = { applicationMs: 40, missing: null, targetMs: 1, sourceMs: 1 };

const times = (n: number, change: (totals: ObservationTotals) => ObservationTotals, from = NOTHING_OBSERVED) => {
  let totals = from;
  for (let time = 0; time < n; time += 1) totals = change(totals);
  return totals;
};
const answer = (ms: number) => (totals: ObservationTotals) => withAnswer(totals, { ms, error: null, report: null });
const error = (totals: ObservationTotals) => withAnswer(totals, { ms: 1, error: 'it answered 500', report: null });
const crossed = (totals: ObservationTotals, baseline = BASELINE) => judge(totals, baseline, THRESHOLDS)?.threshold;

test('errors are a share of a minute: a total outage counts after seconds, a stumble does not', () => {
  expect(crossed(times(6, error))).toBeUndefined();
  expect(crossed(times(7, error))).toBe('maxErrorRate');
  const stumbled = times(6, error, times(1_000, answer(40)));
  expect(crossed(stumbled)).toBeUndefined();
  expect(crossed(error(stumbled))).toBe('maxErrorRate');
  expect(crossed(error(times(120, answer(40), stumbled)))).toBeUndefined();
});

test('response times are judged by their median, against a baseline that is there', () => {
  expect(crossed(times(60, answer(80)))).toBeUndefined();
  expect(crossed(times(19, answer(81)))).toBeUndefined();
  expect(crossed(times(20, answer(81)))).toBe('maxResponseTimeFactor');
  expect(crossed(times(29, answer(5_000), times(31, answer(40))))).toBeUndefined();
  expect(crossed(times(60, answer(5_000)), { ...BASELINE, applicationMs: null })).toBeUndefined();
  // Of a millisecond the double is noise.
  expect(crossed(times(60, answer(19)), { ...BASELINE, applicationMs: 0 })).toBeUndefined();
  expect(crossed(times(10, (totals) => withPing(totals, 21)))).toBe('maxResponseTimeFactor');
});

test('issues are counted, and failed checks need enough of them', () => {
  const issue = { code: 'TABLE_MISSING', object: 'orders', found: 'gone' } as const;
  expect(crossed(times(10, (totals) => withIssue(totals, issue)))).toBeUndefined();
  expect(crossed(times(11, (totals) => withIssue(totals, issue)))).toBe('maxCriticalIssues');
  const checks = (checked: number, failed: number) =>
    withChecks(NOTHING_OBSERVED, { checked, failed, failures: failed === 0 ? [] : ['a row'] });
  expect(crossed(checks(99, 99))).toBeUndefined();
  expect(crossed(checks(1_000, 1))).toBeUndefined();
  expect(crossed(checks(1_000, 2))).toBe('maxValidationFailureRate');
});

test('an application may report on itself', () => {
  const reported = withAnswer(NOTHING_OBSERVED, {
    ms: 5,
    error: null,
    report: { critical: 11, validationFailures: 3, checks: 0 },
  });
  expect(reported).toMatchObject({ criticalIssues: 11, checked: 3, failed: 3 });
  expect(crossed(reported)).toBe('maxCriticalIssues');
});

test('what travels through heartbeats stays small, and comes back as it was', () => {
  const named = (totals: ObservationTotals): ObservationTotals =>
    withIssue(totals, { code: 'GRANT_LOST', object: `role ${totals.criticalIssues}`, found: 'x' });
  const totals = times(500, named, times(5_000, answer(12.345)));
  expect(JSON.stringify(totals).length).toBeLessThan(4_000);
  expect(observationTotalsSchema.parse(JSON.parse(JSON.stringify(totals)))).toEqual(totals);
  expect(totals.criticalIssues).toBe(500);
});

test.each([
  [1_000, 1],
  [30 * 60_000, 11],
  [10 * 86_400_000, 40],
])('an observation of %i ms is made of few windows', (planned, most) => {
  let [observed, windows] = [0, 0];
  for (; observed < planned; windows += 1) observed += nextWindowMs(observed, planned);
  expect(observed).toBe(planned);
  expect(windows).toBeLessThanOrEqual(most);
});

test('the sentence for a person has the numbers', () => {
  const totals = { ...times(3, error, times(60, answer(41))), observedMs: 60_000 };
  expect(observationSentence(summaryOf(1_800_000, totals, BASELINE, null))).toBe(
    'Observed for 1 min of 30 min: 63 probes of the application, 3 failed, median 41 ms (40 ms before); ' +
      '0 critical issues; 0 of 0 checks of rows failed.',
  );
});

test('a table of any name has a file of its own', () => {
  const names = ['orders', 'Orders', '../x', 'a/b', 'a b', 'ä'.repeat(64), '..', ''];
  const files = names.map(fileNameOf);
  expect(new Set(files.map((name) => name.toLowerCase())).size).toBe(names.length);
  for (const name of files) expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
});
