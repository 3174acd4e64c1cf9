import * as fc from 'fast-check';
import { groupTables } from '../../domain/tableGroups';

const MB = 1024 * 1024;

test('large tables stand alone, largest first, with every lane; small ones share batches', () => {
  const tables = [
    { name: 'small', bytes: MB },
    { name: 'large', bytes: 100 * MB },
    { name: 'larger', bytes: 200 * MB },
    { name: 'tiny', bytes: 0 },
  ];
  expect(groupTables(tables, 32 * MB, 4)).toEqual([
    { label: 'larger', tables: ['larger'], lanes: 4 },
    { label: 'large', tables: ['large'], lanes: 4 },
    { label: 'batch-1', tables: ['small', 'tiny'], lanes: 1 },
  ]);
});

test('every table is in exactly one group, and no group has another name twice', () => {
  const table = fc.record({ name: fc.string({ minLength: 1 }), bytes: fc.nat(300 * MB) });
  const tables = fc.uniqueArray(table, { selector: ({ name }) => name, maxLength: 400 });
  fc.assert(
    fc.property(
      tables,
      fc.integer({ min: 65_536, max: 64 * MB }),
      fc.integer({ min: 1, max: 16 }),
      (given, chunk, lanes) => {
        const groups = groupTables(given, chunk, lanes);
        const labels = groups.map(({ label }) => label);
        expect(new Set(labels).size).toBe(labels.length);
        expect(groups.flatMap((group) => group.tables).sort()).toEqual(given.map(({ name }) => name).sort());
      },
    ),
  );
});

test('a table that is called like a batch keeps its own child workflow', () => {
  const groups = groupTables(
    [
      { name: 'batch-1', bytes: 100 * MB },
      { name: 'small', bytes: 1 },
    ],
    32 * MB,
    4,
  );
  expect(groups.map(({ label }) => label)).toEqual(['batch-1', 'batch-1-']);
});
