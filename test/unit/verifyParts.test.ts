import fc from 'fast-check';
import { rangesBetween } from '../../domain/keys';
import type { PlannedTable } from '../../domain/plan';
import type { VerifiedPart } from '../../engines/engine';
import { describeMismatch, passes } from '../../pipeline/verdict';
import { partsOf, partsToSample, sampleOrder } from '../../pipeline/verificationParts';
import { catalog, idColumn, plan, table } from '../helpers/catalogs';

const [NUMBERED] = plan(catalog([table('numbered', [idColumn()])])).tables as [PlannedTable];
const UNALIKE: PlannedTable = { ...NUMBERED, keyOrdersAlike: false };
const KEYLESS: PlannedTable = { ...UNALIKE, chunkKey: null };

const bounds = (count: number): string[][] => Array.from({ length: count }, (_, index) => [String((index + 1) * 10)]);

describe('the parts of a verification', () => {
  test('cover the chunks without a gap, joined to some 200,000 rows', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(5_000_000), (chunks, rows) => {
        const ranges = rangesBetween(bounds(chunks));
        const parts = partsOf(NUMBERED, ranges, rows);
        expect(parts[0]!.part.range.after).toBeNull();
        expect(parts.at(-1)!.part.range.upTo).toBeNull();
        parts.slice(1).forEach(({ part }, index) => expect(part.range.after).toEqual(parts[index]!.part.range.upTo));
        expect(new Set(parts.map(({ name }) => name)).size).toBe(parts.length);
        const total = parts.reduce((sum, part) => sum + part.rows, 0);
        expect(Math.round(total)).toBe(rows);
        if (parts.length > 1)
          expect(Math.max(...parts.map((part) => part.rows))).toBeLessThanOrEqual(
            Math.max(200_000, (rows / ranges.length) * 1.001),
          );
      }),
    );
  });

  test('are buckets of some 2,000 rows where the engines order the key otherwise, or where there is none', () => {
    for (const table of [UNALIKE, KEYLESS]) {
      const [only, ...others] = partsOf(table, rangesBetween(bounds(5)), 1_000_000);
      expect(others).toEqual([]);
      expect(only!.part).toMatchObject({ range: { after: null, upTo: null }, bucketCount: 500, buckets: null });
    }
  });

  test('a sample takes chunks, or buckets of a table that is one chunk', () => {
    expect(partsToSample(UNALIKE, rangesBetween(bounds(5)), 1_000_000)).toHaveLength(6);
    expect(partsToSample(KEYLESS, [], 1_000_000)).toHaveLength(1);
    const [part] = sampleOrder(partsToSample(KEYLESS, [], 1_000_000), 10, 'seed');
    expect(part!.part.buckets).toHaveLength(50);
    expect(part!.rows).toBe(100_000);
  });

  test('a sample is in another order for another seed, and always in the same for the same', () => {
    const parts = partsToSample(NUMBERED, rangesBetween(bounds(50)), 1_000_000);
    const names = (seed: string): string[] => sampleOrder(parts, 5, seed).map(({ name }) => name);
    expect(names('a')).toEqual(names('a'));
    expect(names('a')).not.toEqual(names('b'));
    expect([...names('a')].sort()).toEqual(parts.map(({ name }) => name).sort());
  });
});

describe('the verdict', () => {
  const result = (mismatches: number): VerifiedPart => ({
    sourceRows: 10,
    targetRows: 10,
    verifiedRows: 0,
    mismatches,
    examples: [],
  });

  test('passes up to the allowed number of rows', () => {
    expect([0, 1, 2].map((mismatches) => passes(result(mismatches), 1))).toEqual([true, true, false]);
    expect(passes(result(1), 0)).toBe(false);
  });

  test('names the table, the row and the columns', () => {
    const row = { table: 'orders', key: ['7', 'a'] };
    expect(describeMismatch({ ...row, kind: 'different', columns: ['qty', 'note'] })).toBe(
      'orders (7, a) differs in qty, note',
    );
    expect(describeMismatch({ ...row, kind: 'missing', columns: [] })).toBe('orders (7, a) is missing on the target');
    expect(describeMismatch({ ...row, kind: 'extra', columns: [] })).toBe('orders (7, a) is on the target only');
  });

  test('shows keys without what a terminal or a log would trip over', () => {
    const shown = describeMismatch({
      table: 't',
      key: [`a\u001b[31m\nb${'x'.repeat(200)}`],
      kind: 'missing',
      columns: [],
    });
    expect(shown).toMatch(/^t \(a \[31m bx+… ?\) is missing on the target$/);
    expect(shown.length).toBeLessThan(130);
  });
});
