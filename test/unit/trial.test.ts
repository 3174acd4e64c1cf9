import * as fc from 'fast-check';
import { aboutSpan, BENCHMARK_RATES, estimateCutover } from '../../domain/estimate';
import { chooseTables, MOST_TABLES, samplingOf, spread } from '../../domain/trial';
import { LEAST_ROWS, ratesOf, trialledRates, type MeasuredTable } from '../../domain/trialRates';

const CHUNK_BYTES = 33_554_432;

describe('what is sampled of a table', () => {
  test('of a small one is all of it', () => {
    expect(samplingOf({ rows: 900, bytes: 200_000 }, 1, true, CHUNK_BYTES)).toEqual({ kind: 'whole' });
    expect(samplingOf({ rows: 0, bytes: 0 }, 0.001, false, CHUNK_BYTES)).toEqual({ kind: 'whole' });
  });

  test('of a large one is about its percentage, in pieces that are worth a statement', () => {
    expect(samplingOf({ rows: 10_000_000, bytes: 2e9 }, 1, true, CHUNK_BYTES)).toEqual({
      kind: 'pieces',
      rowsPerPiece: 12_500,
      pieces: 8,
    });
    expect(samplingOf({ rows: 100_000, bytes: 2e7 }, 1, true, CHUNK_BYTES)).toMatchObject({ pieces: 1 });
  });

  test('is never much more than the percentage and one piece, and never nothing', () => {
    const sizes = fc.record({ rows: fc.integer({ min: 1_001, max: 2e9 }), bytes: fc.integer({ min: 0, max: 1e13 }) });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.001, max: 99, noNaN: true }), (size, percent) => {
        const sampling = samplingOf(size, percent, true, CHUNK_BYTES);
        if (sampling.kind !== 'pieces') throw new Error(sampling.kind);
        const taken = sampling.pieces * sampling.rowsPerPiece;
        expect(taken).toBeGreaterThanOrEqual((size.rows * percent) / 100);
        expect(taken).toBeLessThanOrEqual(Math.ceil((size.rows * percent) / 100) + sampling.rowsPerPiece);
        expect(Math.ceil(size.rows / sampling.rowsPerPiece)).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  test('is everything at 100 %, in chunks as the copy has them, and without a key in one', () => {
    const size = { rows: 10_000_000, bytes: 2e9 };
    const sampling = samplingOf(size, 100, true, CHUNK_BYTES);
    expect(sampling).toEqual({ kind: 'pieces', rowsPerPiece: Math.floor(CHUNK_BYTES / 200), pieces: Infinity });
    expect(samplingOf(size, 100, false, CHUNK_BYTES)).toEqual({ kind: 'whole' });
  });

  test('is spread evenly, each piece once', () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2)).toEqual([2, 7]);
    expect(spread([0, 1], Infinity)).toEqual([0, 1]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (items, many) => {
        const chosen = spread(Array.from({ length: items }, (_, index) => index), many); // prettier-ignore
        expect(new Set(chosen).size).toBe(Math.min(items, many));
      }),
    );
  });

  test('of very many tables are the largest, some others, and those they refer to', () => {
    const tables = Array.from({ length: 3_000 }, (_, index) => ({
      name: `t${index}`,
      bytes: index,
      refersTo: index === 2_999 ? ['t1', 'gone'] : [],
    }));
    const chosen = chooseTables([...tables, { name: 'gone', bytes: 0, refersTo: ['t2'] }]);
    expect(chosen).toContain('t2999');
    expect([...chosen]).toEqual(expect.arrayContaining(['t1', 't2', 'gone']));
    expect(chosen.size).toBeLessThan(MOST_TABLES + 4);
    expect(chooseTables(tables.slice(0, MOST_TABLES)).size).toBe(MOST_TABLES);
  });
});

describe('the rates of a trial', () => {
  const table = (changes: Partial<MeasuredTable> = {}): MeasuredTable => ({
    name: 'orders',
    sourceRows: 1_000_000,
    sourceBytes: 200_000_000,
    rows: 10_000,
    pulledRows: 0,
    rejectedRows: 0,
    verifiedRows: 10_000,
    mismatches: 0,
    copyMs: 100,
    buildMs: 10,
    verifyMs: 200,
    pieces: [
      { rows: 5_000, ms: 50 },
      { rows: 5_000, ms: 50 },
    ],
    ...changes,
  });

  test('make an estimate as many times as long as there are rows, within bounds', () => {
    const rates = ratesOf([table()], false);
    const options = { verify: { mode: 'full', samplePercent: 5 }, rowsPerSecond: 0, freeze: 'readOnly' } as const;
    const estimate = estimateCutover([{ rows: 1_000_000, bytes: 200_000_000 }], options, rates ?? undefined);
    expect(estimate.phases[0]?.durationMs).toBe(10_000);
    expect(estimate.phases[2]?.durationMs).toBe(20_000);
    // Sorting a hundred times the rows takes longer than a hundred times as long.
    expect(estimate.phases[1]?.durationMs).toBeGreaterThan(1_200);
    expect(rates?.error).toBe(0.25);
    expect(aboutSpan(estimate)).toMatch(/^about 33\.\d s, between 2\d\.\d s and 4\d\.\d s$/);
    expect(estimate.basis).toMatch(/the trial \(10,000 rows in 310 ms, .*may be off by 25 %/);
  });

  test('leave out how slowly rows come that are pulled in by key, and that there will be more connections than one', () => {
    const rates = ratesOf([table({ pulledRows: 5_000, copyMs: 1_000 })], false) ?? undefined;
    const options = { verify: { mode: 'counts', samplePercent: 5 }, rowsPerSecond: 0, freeze: 'readOnly' } as const;
    const [one, four] = [1, 4].map((parallelism) =>
      estimateCutover([{ rows: 1_000_000, bytes: 200_000_000 }], { ...options, parallelism }, rates),
    );
    expect(one?.phases[0]?.durationMs).toBe(10_000);
    expect(four?.between?.[0]).toBe(Math.round((one?.between?.[0] ?? 0) / 4));
    expect(four?.between?.[1]).toBe(one?.between?.[1]);
  });

  test('are the less certain the more the pieces differ, and certain of a table that was tried whole', () => {
    const error = (changes: Partial<MeasuredTable>): number => ratesOf([table(changes)], false)?.error ?? Number.NaN;
    const uneven = (ms: number) => ({ pieces: [{ rows: 5_000, ms: 100 - ms }, { rows: 5_000, ms }] }); // prettier-ignore
    expect(error(uneven(60))).toBeGreaterThan(error({}));
    expect(error(uneven(80))).toBeGreaterThan(error(uneven(60)));
    expect(error({ pieces: [{ rows: 10_000, ms: 100 }] })).toBeGreaterThan(1);
    expect(error({ ...uneven(80), sourceRows: 10_000 })).toBe(0.25);
  });

  test('are those of the benchmarks where too little was tried, and the estimate says so; a throttle is no rate', () => {
    expect(ratesOf([table({ rows: LEAST_ROWS - 1 })], false)).toBeNull();
    const result = { percent: 1, tables: [], untriedTables: 0, findings: [], rates: null, whyNoRates: 'too few rows' };
    expect(trialledRates(result).origin).toMatch(/benchmarks.*because too few rows/);
    expect(trialledRates(null)).toBe(BENCHMARK_RATES);
    expect(ratesOf([table()], true)?.copy).toEqual(BENCHMARK_RATES.copy);
  });
});
