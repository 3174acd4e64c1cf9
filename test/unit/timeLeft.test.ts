import * as fc from 'fast-check';
import type { Pace } from '../../domain/activityMessages';
import { BENCHMARK_COSTS, NOTHING, fitCosts, timeOf, type Costs, type Work } from '../../domain/eta/costs';
import { beginCourse, resumedAt, rowsPerSecond, withReading, type TableReading } from '../../domain/eta/course';
import { untilNextReading } from '../../domain/eta/readings';
import { scopeOf } from '../../domain/eta/scope';
import { etaSeconds, timeLeft } from '../../domain/eta/timeLeft';
import { SimulatedCopy, seeded, shareOff, type SimulatedTable, type Simulation } from '../helpers/simulatedCopy';

const tables = (many: number, table: Omit<SimulatedTable, 'name'>, name = 'table') =>
  Array.from({ length: many }, (_, index) => ({ name: `${name} ${index}`, ...table }));
const GIANT: SimulatedTable = { name: 'giant', rows: 30e6, rowBytes: 300 };
const ALIKE = tables(10, { rows: 4e6, rowBytes: 200 });
const NARROW = tables(3, { rows: 40e6, rowBytes: 32 }, 'narrow');
const WIDE = tables(3, { rows: 400_000, rowBytes: 4_000 }, 'wide');

describe('after the first tenth of a copy nearly every answer is within a fifth of the truth', () => {
  /** And of a copy in which something changes, from so many milliseconds on. */
  const COPIES: Record<string, Omit<Simulation, 'random'> & { readonly after?: number }> = {
    'of one table': { tables: tables(1, { rows: 20e6, rowBytes: 200 }) },
    'of one table, nothing tried before': { tables: tables(1, { rows: 20e6, rowBytes: 200 }), trial: false },
    'of equal tables': { tables: ALIKE },
    'of equal tables, nothing tried before': { tables: ALIKE, trial: false },
    'of equal tables by slow servers': { tables: ALIKE, costs: { rows: 0.01, bytes: 8e-5 }, trial: false },
    'of very different widths': { tables: [...NARROW, ...WIDE] },
    'of very different widths, rows dear': { tables: [...NARROW, ...WIDE], costs: { rows: 0.003, bytes: 4e-6 } },
    'of very different widths over a slow network': { tables: [...NARROW, ...WIDE], costs: { bytes: 1e-4 } },
    'of one giant and many small tables': { tables: [GIANT, ...tables(400, { rows: 3_000, rowBytes: 200 })] },
    'of one giant and many tables of a chunk': { tables: [GIANT, ...tables(60, { rows: 200_000, rowBytes: 200 })] },
    'of small tables alone': { tables: tables(800, { rows: 40_000, rowBytes: 200 }) },
    'that is throttled': { tables: tables(3, { rows: 100_000, rowBytes: 200 }), rowsPerSecond: 5_000, trial: false },
    'that is throttled but for its wide rows': { tables: [...NARROW, ...WIDE], rowsPerSecond: 1_000_000 },
    'that is throttled in its midst': {
      tables: ALIKE,
      changes: [{ at: 20_000, rowsPerSecond: 200_000 }],
      after: 20_000,
    },
    'that is throttled no more': {
      tables: ALIKE,
      rowsPerSecond: 200_000,
      changes: [{ at: 40_000, rowsPerSecond: 0 }],
      after: 46_000,
    },
    'that is paused': {
      tables: ALIKE,
      changes: [
        { at: 20_000, paused: true },
        { at: 50_000, paused: false },
      ],
    },
    'that becomes slower': { tables: ALIKE, speed: (at) => (at > 30_000 ? 0.5 : 1), after: 42_000 },
  };

  test.each(Object.entries(COPIES))('%s', (_name, { after, ...simulation }) => {
    for (const seed of [1, 2]) {
      const copy = new SimulatedCopy({ ...simulation, random: seeded(seed) });
      copy.run();
      expect(shareOff(copy.answers, after)).toBeLessThan(0.05);
    }
  });

  test('of tables of any size, width and kind, by servers of any speed', () => {
    const shares = Array.from({ length: 60 }, (_, seed) => {
      const random = seeded(seed + 1);
      const between = (least: number, most: number) => least * (most / least) ** random();
      // What has gone before is much alike for neighbouring seeds.
      for (let skipped = 0; skipped < 5; skipped++) random();
      const many = Math.floor(between(1, 13));
      const lanes = 0.6 * random();
      const copy = new SimulatedCopy({
        tables: Array.from({ length: many }, (_unused, index) => {
          const rowBytes = Math.round(between(20, 5_000));
          return {
            name: `table ${index}`,
            rowBytes,
            rows: Math.round(between(1e6, 5e9) / rowBytes),
            weight: between(0.8, 1.25),
          };
        }),
        costs: {
          rows: between(5e-4, 5e-3),
          bytes: between(4e-6, 8e-5),
          chunks: between(5, 60),
          groups: between(500, 1_500),
        },
        together: (atWork) => atWork ** lanes,
        bytesTogether: (atWork) => atWork ** (lanes / 2),
        random,
      });
      // A copy of seconds is mostly its beginning.
      return copy.run() < 20_000 ? [] : [shareOff(copy.answers)];
    }).flat();
    expect(shares.length).toBeGreaterThan(25);
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeLessThan(0.05);
  });
});

describe('the time left', () => {
  const scope = (trial = null) =>
    scopeOf([{ name: 't', rows: 1_000_000, bytes: 2e8 }], { chunkBytes: 1e7, parallelism: 4 }, trial);
  const reading = (rows: number): TableReading[] => [
    { table: 't', rows, bytes: rows * 200, chunksDone: Math.floor(rows / 50_000), chunks: 20 },
  ];
  const FREE: Pace = { rowsPerSecond: 0, paused: false };
  /** So many readings a second apart, at so many rows a second. */
  const course = (seconds: number, rate: number, pace = FREE) =>
    Array.from({ length: seconds }, (_, second) => second + 1).reduce(
      (before, second) => withReading(before, second * 1_000, reading(second * rate), pace),
      beginCourse(scope(), 0),
    );

  test('goes by between two readings, and by no more than a reading may be late', () => {
    const known = course(30, 10_000);
    const eta = etaSeconds(known, FREE, 30_000) ?? 0;
    expect(eta).toBeGreaterThan(60);
    expect(etaSeconds(known, FREE, 31_500)).toBeCloseTo(eta - 1.5, -0.4);
    expect(etaSeconds(known, FREE, 29_000)).toBe(eta);
    expect(etaSeconds(known, FREE, 3_600_000)).toBeGreaterThan(eta - 10);
  });

  test('under a limit is known at once, before anything went by it, and is no less than the limit allows', () => {
    expect(etaSeconds(course(0, 0), { rowsPerSecond: 1_000, paused: false }, 0)).toBeCloseTo(1_000, -2);
    expect(etaSeconds(course(30, 10_000), { rowsPerSecond: 100, paused: false }, 30_000)).toBeCloseTo(7_000, -2);
    const faster = course(30, 10_000, { rowsPerSecond: 9_000, paused: false });
    expect(etaSeconds(faster, { rowsPerSecond: 9_000, paused: false }, 30_000)).toBeGreaterThanOrEqual(78);
  });

  test('is unknown during a pause, and goes on behind it as before', () => {
    const PAUSED = { ...FREE, paused: true };
    const before = course(30, 10_000);
    const eta = etaSeconds(before, FREE, 30_000);
    expect(etaSeconds(before, PAUSED, 30_000)).toBeNull();
    let paused = withReading(before, 30_200, reading(300_000), null);
    for (const at of [60_000, 600_000]) paused = withReading(paused, at, reading(300_000), PAUSED);
    expect(etaSeconds(resumedAt(paused, 900_000), FREE, 900_000)).toBe(eta);
    expect(rowsPerSecond(paused)).toBeCloseTo(10_000, -3);
  });

  test('grows while nothing moves', () => {
    let still = course(30, 10_000);
    const before = timeLeft(still, 0);
    for (const at of [35_000, 40_000, 60_000]) still = withReading(still, at, reading(300_000), FREE);
    expect(timeLeft(still, 0)).toBeGreaterThan(1.5 * before);
  });

  test('is 0 when every chunk is done, however many rows that were, and not before', () => {
    const done = (rows: number, chunksDone: number) =>
      withReading(beginCourse(scope(), 0), 1_000, [{ table: 't', rows, bytes: rows, chunksDone, chunks: 20 }], FREE);
    expect(etaSeconds(done(999_000, 20), FREE, 1_000)).toBe(0);
    expect(etaSeconds(done(1_000_000, 19), FREE, 500_000)).toBe(1);
    expect(etaSeconds(done(2_000_000, 19), FREE, 500_000)).toBe(1);
  });

  test('is a number whatever is read, in whatever order, also when rows go back', () => {
    const some = fc.record({
      after: fc.integer({ min: 0, max: 200_000 }),
      rows: fc.nat(2_000_000),
      pace: fc.option(fc.record({ rowsPerSecond: fc.nat(100_000), paused: fc.boolean() })),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), fc.nat(100_000), (readings, limit) => {
        let now = 0;
        let known = beginCourse(scope(), 0);
        for (const { after, rows, pace } of readings) {
          now += after;
          known = withReading(known, now, reading(rows), pace);
          const left = timeLeft(known, limit);
          expect(Number.isFinite(left) && left >= 0).toBe(true);
          expect(Number.isFinite(rowsPerSecond(known))).toBe(true);
        }
      }),
    );
  });
});

describe('costs', () => {
  const TRUE: Costs = { rows: 0.004, bytes: 1e-6, chunks: 40, groups: 2_000 };
  const done = (work: Partial<Work>) => ({ ms: timeOf({ ...NOTHING, ...work }, TRUE), work: { ...NOTHING, ...work } });

  test('are found by what tables of different widths took', () => {
    const found = fitCosts(
      [done({ rows: 5e6, bytes: 1e8 }), done({ rows: 1e5, bytes: 2e9 }), done({ rows: 2e6, bytes: 1e9 })],
      BENCHMARK_COSTS,
      500,
    );
    expect(found.rows).toBeCloseTo(TRUE.rows, 3);
    expect(found.bytes / TRUE.bytes).toBeCloseTo(1, 0);
  });

  test('of rows and bytes move together where tables of one width cannot tell them apart', () => {
    const found = fitCosts([done({ rows: 5e6, bytes: 1e9 }), done({ rows: 2e6, bytes: 4e8 })], BENCHMARK_COSTS, 500);
    const { rows, bytes } = BENCHMARK_COSTS.costs;
    const ratio = found.rows / rows / (found.bytes / bytes);
    expect(ratio > 0.5 && ratio < 2).toBe(true);
    expect(timeOf({ ...NOTHING, rows: 1e6, bytes: 2e8 }, found)).toBeCloseTo(4_200, -2.5);
  });

  test('are positive, and what is not seen costs what the prior says', () => {
    const some = fc.record({
      ms: fc.double({ min: 0, max: 1e8, noNaN: true }),
      work: fc.record({ rows: fc.nat(1e9), bytes: fc.nat(1e12), chunks: fc.nat(1e4), groups: fc.nat(100) }),
    });
    fc.assert(
      fc.property(fc.array(some), (seen) => {
        for (const cost of Object.values(fitCosts(seen, BENCHMARK_COSTS, 500))) expect(cost).toBeGreaterThan(0);
      }),
    );
    expect(fitCosts([], BENCHMARK_COSTS, 500)).toEqual(BENCHMARK_COSTS.costs);
  });
});

describe('readings', () => {
  /** How often a copy of so many hours is read, its pace changed every so many minutes. */
  const readingsOf = (hours: number, minutes = Infinity, many = 1) => {
    let [at, settled, readings] = [0, 0, 0];
    for (const end = hours * 3_600_000; at < end; readings++) {
      at += untilNextReading({ elapsedMs: at, settledMs: at - settled, leftMs: end - at, tables: many });
      if (at - settled > minutes * 60_000) settled = at;
    }
    return readings;
  };

  test('are few enough for a history, however long the copy and however often its pace is changed', () => {
    expect(readingsOf(1 / 60)).toBeLessThan(60);
    expect(readingsOf(1)).toBeLessThan(160);
    expect(readingsOf(24)).toBeLessThan(1_000);
    expect(readingsOf(24, 10)).toBeLessThan(2_500);
    // Of so many tables each reading is most of a megabyte.
    expect(readingsOf(1, Infinity, 10_000)).toBeLessThan(30);
  });
});
