import * as fc from 'fast-check';
import { fingerprintOf } from '../../activities/fingerprint';
import type { Table } from '../../domain/catalog';
import { listChanges, schemaChanges } from '../../domain/schemaChanges';
import { column, foreignKey, idColumn, index, INT, parts, table } from '../helpers/catalogs';

const items = table('items', [idColumn({ identity: { next: '7' } }), column('qty', 'int', INT)], {
  indexes: [index('by_qty', parts('qty'))],
  foreignKeys: [foreignKey('owner', ['qty'], 'people', ['id'])],
});

test('whether a row shows a label of an enum is no change', () => {
  const labelled = (unread: object): Table =>
    table('t', [idColumn(), column('e', "enum('?')", { kind: 'enum', labels: ['?'], ...unread })]);
  expect(schemaChanges([labelled({})], [labelled({ unread: [1] })])).toEqual([]);
  expect(fingerprintOf([labelled({})])).toBe(fingerprintOf([labelled({ unread: [1] })]));
});

const changed = (change: Partial<Table>): string[] => schemaChanges([items], [{ ...items, ...change }]);

test.each<[string, string[], string[]]>([
  ['a table', schemaChanges([items], [table('late', [idColumn()])]), ['table items is gone', 'table late is new']],
  ['a new column', changed({ columns: [...items.columns, column('late', 'int', INT)] }), ['column items.late is new']],
  ['a column that is gone', changed({ columns: items.columns.slice(0, 1) }), ['column items.qty is gone']],
  [
    'a type',
    changed({ columns: [items.columns[0]!, column('qty', 'bigint', INT)] }),
    ['column items.qty was int and is bigint'],
  ],
  [
    'NULL',
    changed({ columns: [items.columns[0]!, column('qty', 'int', INT, { nullable: false })] }),
    ['column items.qty no longer admits NULL'],
  ],
  [
    'a default',
    changed({ columns: [items.columns[0]!, column('qty', 'int', INT, { default: { kind: 'literal', text: '1' } })] }),
    ['column items.qty is defined in another way'],
  ],
  ['an index', changed({ indexes: [] }), ['index items.by_qty is gone']],
  [
    'a foreign key',
    changed({ foreignKeys: [{ ...items.foreignKeys[0]!, onDelete: 'CASCADE' }] }),
    ['foreign key items.owner is another'],
  ],
  ['the primary key', changed({ primaryKey: null }), ['the primary key of items is another']],
  [
    'the order of columns',
    changed({ columns: [...items.columns].reverse() }),
    ['table items is defined in another way'],
  ],
  ['a comment', changed({ comment: 'new' }), ['table items is defined in another way']],
])('%s that changed is named', (_, found, expected) => expect(found).toEqual(expected));

test('what moves with the data is no change; whatever changes the fingerprint is named, and nothing else is', () => {
  const moved = {
    ...items,
    estimatedRows: 9,
    bytes: 9,
    columns: [idColumn({ identity: { next: '99' } }), items.columns[1]!],
  };
  expect(schemaChanges([items], [moved])).toEqual([]);
  expect(fingerprintOf([moved])).toBe(fingerprintOf([items]));
  const anyTable = fc.record({
    comment: fc.constantFrom('', 'x'),
    partitioned: fc.boolean(),
    primaryKey: fc.constantFrom(null, parts('id')),
    columns: fc.shuffledSubarray([idColumn(), column('qty', 'int', INT), column('late', 'bigint', INT)], {
      minLength: 1,
    }),
  });
  fc.assert(
    fc.property(anyTable, anyTable, (one, other) => {
      const [before, now] = [table('t', one.columns, one), table('t', other.columns, other)];
      expect(schemaChanges([before], [now]).length === 0).toBe(fingerprintOf([before]) === fingerprintOf([now]));
    }),
  );
});

test('of many changes the first are named, and the rest is counted', () => {
  const text = listChanges(Array.from({ length: 12 }, (_, number) => `change ${number}`));
  expect(text).toMatch(/^change 0; .*change 9; and 2 more$/);
});
