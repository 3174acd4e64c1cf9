import type { Column } from '../../domain/catalog';
import type { PlannedTable } from '../../domain/plan';
import { fromRange, keysetPredicate } from '../../engines/mysql/keyset';
import { column, index, INT, parts, table } from '../helpers/catalogs';

function keyed(columns: Column[], rest: Parameters<typeof table>[2] = {}): PlannedTable {
  const names = columns.map(({ name }) => name);
  return {
    source: table('t', columns, { primaryKey: parts(...names), ...rest }),
    targetSchema: 'public',
    targetName: 't',
    columns: [],
    chunkKey: names,
    keyOrdersAlike: false,
    primaryKey: null,
    indexes: [],
    foreignKeys: [],
  };
}

const id = column('id', 'int', INT);
const name = column(
  'na`me',
  'varchar(9)',
  { kind: 'text', length: 9 },
  { charset: 'latin1', collation: 'latin1_swedish_ci' },
);
const label = column('l', "enum('x','y','z')", { kind: 'enum', labels: ['x', 'y', 'z'] });

describe('a key range as SQL', () => {
  test.each([
    ['is true of a whole table', keyed([id]), null, null, 'TRUE'],
    ['takes its upper end in and leaves its lower end out', keyed([id]), ['-5'], ['7'], '`id` > -5 AND `id` <= 7'],
    [
      'compares a composite key column by column',
      keyed([id, name]),
      ['1', '6162'],
      ['2', ''],
      "`id` >= 1 AND (`id` > 1 OR (`id` = 1 AND `na``me` > _latin1 X'6162' COLLATE latin1_swedish_ci))" +
        " AND `id` <= 2 AND (`id` < 2 OR (`id` = 2 AND `na``me` <= _latin1 X'' COLLATE latin1_swedish_ci))",
    ],
    [
      'lists labels by number, the error value first',
      keyed([label]),
      ['1'],
      ['2'],
      '`l` IN (2, 3) AND `l` IN (0, 1, 2)',
    ],
    ['knows that nothing follows the last label', keyed([label]), ['3'], null, 'FALSE'],
    [
      'writes doubles as doubles',
      keyed([column('d', 'double', { kind: 'double' })]),
      ['0.1'],
      ['1e300'],
      '`d` > 0.1e0 AND `d` <= 1e300',
    ],
    [
      'writes bytes in hex',
      keyed([column('b', 'binary(2)', { kind: 'bytes', length: 2, fixed: true })]),
      ['00ff'],
      null,
      "`b` > X'00ff'",
    ],
    [
      'writes times as text',
      keyed([column('d', 'date', { kind: 'date' })]),
      ['0000-00-00'],
      null,
      "`d` > '0000-00-00'",
    ],
  ])('%s', (_, planned, after, upTo, expected) => {
    expect(keysetPredicate(planned, { after, upTo })).toBe(expected);
  });

  test('is read by the index that is the key, where the server may use it', () => {
    const range = { after: ['1'], upTo: null };
    expect(fromRange(keyed([id]), range)).toBe('FROM `t` FORCE INDEX (`PRIMARY`) WHERE `id` > 1');
    const unique = index('by id', parts('id'), { unique: true });
    expect(fromRange(keyed([id], { primaryKey: null, indexes: [unique] }), range)).toBe(
      'FROM `t` FORCE INDEX (`by id`) WHERE `id` > 1',
    );
    const hidden = { ...unique, visible: false };
    expect(fromRange(keyed([id], { primaryKey: null, indexes: [hidden] }), range)).toBe('FROM `t` WHERE `id` > 1');
    expect(fromRange(keyed([id]), { after: null, upTo: null })).toBe('FROM `t`');
  });
});
