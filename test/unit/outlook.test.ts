import * as fc from 'fast-check';
import { checkCounts, type CountedTable } from '../../domain/acceptanceChecks';
import { MAX_SAMPLES, withSample, type CopySample } from '../../domain/copySamples';
import { BENCHMARK_RATES, estimateCutover } from '../../domain/estimate';
import { byteSize, count, timeSpan } from '../../domain/format';
import { migrationInputSchema, type MigrationInput } from '../../domain/input';
import { risksOf, type Risk, type RiskFacts } from '../../domain/risks';
import { FINDINGS } from '../helpers/reports';

const FULL = { verify: { mode: 'full', samplePercent: 5 }, rowsPerSecond: 0, freeze: 'readOnly' } as const;

describe('the estimate', () => {
  test('of what the benchmark moved is what the benchmark took, and says where its rates come from', () => {
    const { durationMs, freezeMs, phases, basis } = estimateCutover([{ rows: 2_000_000, bytes: 460_000_000 }], FULL);
    expect(phases.map(({ name, durationMs: ms }) => `${name} ${Math.round(ms / 1_000)} s`)).toEqual([
      'copy 8 s',
      'buildTarget 2 s',
      'verify 11 s',
    ]);
    expect(freezeMs).toBe(durationMs);
    expect(basis).toMatch(/2,000,000 rows and 460 MB in 1 table; .*docs\/benchmarks\.md/);
  });

  test('takes the slower of rows and bytes, the throttle, and the share that is compared', () => {
    const [few, wide] = [estimateCutover([{ rows: 10, bytes: 55_000_000_000 }], FULL), { rows: 1_000, bytes: 1 }];
    expect(few.phases[0]?.durationMs).toBe(1_000_000 + BENCHMARK_RATES.tableMs);
    const throttled = estimateCutover([wide], {
      ...FULL,
      rowsPerSecond: 10,
      verify: { mode: 'counts', samplePercent: 5 },
    });
    expect(throttled.phases[0]?.durationMs).toBe(100_000 + BENCHMARK_RATES.tableMs);
    expect(throttled.phases[2]?.durationMs).toBe(0);
    expect(throttled.basis).toContain('throttled to 10 rows/s');
  });

  test('promises no write pause where the freezing is left to a person', () => {
    expect(estimateCutover([], { ...FULL, freeze: 'none' }).freezeMs).toBe(0);
  });

  test('rests on the rates it is given, such as those of a trial', () => {
    const trial = { ...BENCHMARK_RATES, origin: 'a trial', copy: { rowsPerSecond: 1, bytesPerSecond: 1e9 } };
    const { phases, basis } = estimateCutover([{ rows: 60, bytes: 1 }], FULL, trial);
    expect(phases[0]?.durationMs).toBe(60_000 + trial.tableMs);
    expect(basis).toContain('The rates come from a trial');
  });
});

describe('the risks', () => {
  const input = (options: object = {}): MigrationInput =>
    migrationInputSchema.parse({ source: 'a', target: 'b', ...options });
  const facts = (changes: Partial<RiskFacts> = {}): RiskFacts => {
    const tables = changes.tables ?? [{ name: 'orders', rows: 10, bytes: 100 }];
    return { findings: [], tables, estimate: estimateCutover(tables, FULL), input: input(), ...changes };
  };
  const about = (words: string, changes?: Partial<RiskFacts>): Risk | undefined =>
    risksOf(facts(changes)).find(({ what }) => what.includes(words));

  test.each([
    ['No switch step', {}, { cutover: { switch: [{ kind: 'file', path: 'a', content: '' }] } }],
    ['grants the tables to nobody', {}, { targetGrants: [{ role: 'app', privileges: 'readWrite' }] }],
    [
      'has no undo',
      { cutover: { switch: [{ kind: 'http', url: 'http://a' }] } },
      { cutover: { switch: [{ kind: 'http', url: 'http://a', undo: { url: 'http://a' } }] } },
    ],
    ['does not carry back what was written', {}, { strategy: 'live' }],
    ['Nothing stops writes', { cutover: { freeze: 'none' } }, {}],
    ['Only numbers of rows', { verify: { mode: 'counts' } }, {}],
    ['Only about 5 %', { verify: { mode: 'sample' } }, {}],
    ['Up to 3 rows', { verify: { allowedRowDifference: 3 } }, {}],
  ])('"%s" is named when the input leaves it open, and not when it does not', (words, open, closed) => {
    expect(about(words, { input: input(open) })?.remedy).toMatch(/\w{3}/);
    expect(about(words, { input: input(closed) })).toBeUndefined();
  });

  test('a cutover that is estimated to take longer than it may is likely to be sent back', () => {
    const tables = [{ name: 'orders', rows: 10_000_000, bytes: 2_300_000_000 }];
    const limited = input({ cutover: { maxFreezeSeconds: 60 } });
    expect(about('sent back after 1 min', { tables, input: limited })).toMatchObject({ likelihood: 'high' });
    expect(
      about('sent back after', { tables, input: input({ cutover: { maxFreezeSeconds: 3_600 } }) }),
    ).toBeUndefined();
  });

  test('large tables, and tables without a key, are the graver the larger they are', () => {
    const finding = { ...FINDINGS[0]!, code: 'TABLE_WITHOUT_KEY', severity: 'warning', object: 'log' } as const;
    const log = (bytes: number) => ({ findings: [finding], tables: [{ name: 'log', rows: 1, bytes }] });
    expect(about('without a key', log(1_000))).toMatchObject({ likelihood: 'low' });
    expect(about('without a key', log(20_000_000_000))).toMatchObject({ likelihood: 'high' });
    expect(about('log (20.0 GB)', log(20_000_000_000))).toBeDefined();
    expect(about('runs out of disk', log(20_000_000_000))?.remedy).toContain('60.0 GB');
  });

  test('findings of a kind are one risk that names the first of them; what is only good to know is none', () => {
    const keys = ['a', 'b', 'c', 'd', 'e'].map((object) => ({ ...FINDINGS[1]!, object }));
    expect(about('without regard to case', { findings: keys })?.what).toContain('a, b, c and 2 more');
    expect(about('tinyint', { findings: FINDINGS })).toBeUndefined();
  });

  test('the gravest come first', () => {
    const weight = { low: 1, medium: 2, high: 3 };
    const scores = risksOf(facts({ findings: FINDINGS })).map(
      ({ likelihood, impact }) => weight[likelihood] * weight[impact],
    );
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.length).toBeGreaterThan(5);
  });
});

describe('the samples of a copy', () => {
  test('are at most 120, with the first and the last, in order, and evenly spread however long the copy goes', () => {
    const gap = fc.integer({ min: 1, max: 120_000 });
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 600 }), (gaps) => {
        let [atMs, kept] = [0, [{ atMs: 0, rows: 0 }] as readonly CopySample[]];
        for (const ms of gaps) kept = withSample(kept, { atMs: (atMs += ms), rows: atMs });
        expect(kept.length).toBe(Math.min(gaps.length + 1, MAX_SAMPLES));
        expect([kept[0]?.atMs, kept.at(-1)?.atMs]).toEqual([0, atMs]);
        expect(kept).toEqual([...kept].sort((a, b) => a.atMs - b.atMs));
      }),
    );
    let kept: readonly CopySample[] = [];
    for (let at = 0; at <= 10_000; at += 1) kept = withSample(kept, { atMs: at, rows: at });
    const widest = Math.max(...kept.slice(1).map(({ atMs }, index) => atMs - (kept[index]?.atMs ?? 0)));
    expect(widest).toBeLessThan((4 * 10_000) / MAX_SAMPLES);
  });
});

describe('the acceptance checks', () => {
  const table = (changes: Partial<CountedTable> = {}): CountedTable => ({
    name: 'orders',
    verified: { sourceRows: 3, targetRows: 3, mismatches: 0 },
    sourceRows: 3,
    targetRows: 3,
    ...changes,
  });
  const states = (...tables: CountedTable[]): string[] =>
    checkCounts(tables).map(({ name, state }) => `${name} ${state}`);

  test.each<[string, CountedTable, string[]]>([
    ['all as it was verified', table(), ['verification passed', 'sourceRows passed', 'targetRows noted']],
    [
      'rows came to the source',
      table({ sourceRows: 4 }),
      ['verification passed', 'sourceRows failed', 'targetRows noted'],
    ],
    [
      'rows came to the target',
      table({ targetRows: 9 }),
      ['verification passed', 'sourceRows passed', 'targetRows noted'],
    ],
    [
      'mismatches were allowed',
      table({ verified: { sourceRows: 3, targetRows: 3, mismatches: 2 } }),
      ['verification failed', 'sourceRows passed', 'targetRows noted'],
    ],
    [
      'nothing could be counted',
      table({ sourceRows: null, targetRows: null }),
      ['verification passed', 'sourceRows notChecked', 'targetRows notChecked'],
    ],
  ])('%s', (_, given, expected) => {
    expect(states(given)).toEqual(expected);
  });

  test('what was not counted does not pass for what is right', () => {
    const [, source] = checkCounts([table(), table({ name: 'large', sourceRows: null })]);
    expect(source).toMatchObject({ state: 'noted' });
    expect(source?.found).toContain('1 table not counted');
  });
});

test('numbers are spelled for people, the same on every machine', () => {
  expect([0, 999, 1_000, 1_234_567, -1_000].map(count)).toEqual(['0', '999', '1,000', '1,234,567', '-1,000']);
  expect([1, 999, 1_000, 999_999, 13_700_000, 5e12].map(byteSize)).toEqual([
    '1 byte',
    '999 bytes',
    '1.00 kB',
    '1.00 MB',
    '13.7 MB',
    '5.00 TB',
  ]);
  expect([0, 850, 12_340, 59_999, 60_000, 200_000, 7_500_000, 86_400_000 * 3].map(timeSpan)).toEqual([
    '0 ms',
    '850 ms',
    '12.3 s',
    '59.9 s',
    '1 min',
    '3 min 20 s',
    '2 h 5 min',
    '3 d',
  ]);
});
