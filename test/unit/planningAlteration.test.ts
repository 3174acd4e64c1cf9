import fc from 'fast-check';
import { integerRange, type CanonicalType } from '../../domain/canonicalType';
import type { Column, Table } from '../../domain/catalog';
import { followAlteration, holdsAll } from '../../domain/planning/planAlteration';
import { replanTable } from '../../domain/planning/replanTable';
import { mappingSchema, tablesFilterSchema, type Mapping } from '../../domain/mapping';
import { alterTable } from '../../engines/mysql/alterTable';
import { postgresNames } from '../../engines/postgres/names';
import { parseType } from '../../engines/postgres/types';
import {
  BIGINT_UNSIGNED,
  catalog,
  column,
  facts,
  foreignKey,
  idColumn,
  index,
  INT,
  parts,
  plan,
  table,
  TINYINT_1,
} from '../helpers/catalogs';

const int = (name: string, rest: Partial<Column> = {}) => column(name, 'int', INT, rest);
const text = (name: string, length: number, rest: Partial<Column> = {}) =>
  column(name, `varchar(${length})`, { kind: 'text', length }, rest);
const BEFORE = table('t', [idColumn(), int('a'), text('b', 10), int('c')], { indexes: [index('by_a', parts('a'))] });

/** What is made of a statement after which the source has these columns; the reason where it is not followed. */
function follow(sql: string, now: Column[] | Table, others: Table[] = []): string | Record<string, string> {
  const alteration = alterTable.read(sql);
  if (alteration === null) throw new Error(`not read: ${sql}`);
  const source = Array.isArray(now) ? { ...BEFORE, columns: now } : now;
  const followed = followAlteration(BEFORE, alteration, source, others, (...given) => alterTable.declares(...given));
  return followed.kind === 'followed' ? Object.fromEntries(followed.former) : followed.reason;
}

const [id, a, b, c] = BEFORE.columns as [Column, Column, Column, Column];

describe('a statement is followed', () => {
  test.each<[string, Column[] | Table, Record<string, string>]>([
    ['ALTER TABLE t ADD n INT AFTER id', [id, int('n'), a, b, c], { id: 'id', a: 'a', b: 'b', c: 'c' }],
    [
      'ALTER TABLE t ADD n INT FIRST, ADD m INT',
      [int('n'), id, a, b, c, int('m')],
      { id: 'id', a: 'a', b: 'b', c: 'c' },
    ],
    [
      'ALTER TABLE t ADD n INT NOT NULL DEFAULT 3, DROP C',
      [id, a, b, int('n', { nullable: false, default: { kind: 'literal', text: '3' } })],
      { id: 'id', a: 'a', b: 'b' },
    ],
    ['ALTER TABLE t MODIFY b VARCHAR(20) FIRST', [text('b', 20), id, a, c], { id: 'id', a: 'a', b: 'b', c: 'c' }],
    [
      'ALTER TABLE t RENAME COLUMN a TO n, CHANGE c d INT',
      { ...BEFORE, columns: [id, int('n'), b, int('d')], indexes: [index('by_a', parts('n'))] },
      { id: 'id', n: 'a', b: 'b', d: 'c' },
    ],
    [
      'ALTER TABLE t ADD IF NOT EXISTS a INT, DROP COLUMN IF EXISTS z',
      [id, a, b, c],
      { id: 'id', a: 'a', b: 'b', c: 'c' },
    ],
  ])('%s', (sql, now, former) => {
    expect(follow(sql, now)).toEqual(former);
  });
});

describe('a statement is not followed', () => {
  const now = { kind: 'now', precision: 0 } as const;
  test.each<[string, Column[] | Table, RegExp]>([
    ['ALTER TABLE t ADD n INT NOT NULL', [id, a, b, c, int('n', { nullable: false })], /NOT NULL without a default/],
    ['ALTER TABLE t ADD n INT DEFAULT 1', [id, a, b, c, int('n', { default: now })], /no constant/],
    ['ALTER TABLE t ADD n INT', [id, a, b, c], /no column n any more/],
    ['ALTER TABLE t ADD n INT', [id, a, b, c, column('n', 'bigint', INT)], /n is not what the statement alone/],
    ['ALTER TABLE t ADD n INT', [id, a, b, c, int('n'), int('m')], /column t\.m is new/],
    ['ALTER TABLE t ADD n INT FIRST', [id, a, b, c, int('n')], /defined in another way/],
    ['ALTER TABLE t DROP a', { ...BEFORE, columns: [id, b, c], indexes: [] }, /index t\.by_a is gone/],
    ['ALTER TABLE t DROP c', [id, a, b, c], /column t\.c is new/],
    ['ALTER TABLE t DROP z', [id, a, b, c], /column z is not in the plan/],
    ['ALTER TABLE t RENAME COLUMN a TO c, RENAME COLUMN c TO a', [id, c, b, a], /has a part in two clauses/],
    ['ALTER TABLE t DROP c, ADD c INT', [id, a, b, c], /has a part in two clauses/],
    ['ALTER TABLE t MODIFY b VARCHAR(5)', [id, a, text('b', 5), c], /no wider type/],
    [
      'ALTER TABLE t MODIFY b VARCHAR(20) NOT NULL',
      [id, a, text('b', 20, { nullable: false }), c],
      /no longer admits NULL/,
    ],
    ['ALTER TABLE t MODIFY b VARCHAR(20)', [id, a, text('b', 20, { collation: 'latin1_bin' }), c], /collation/],
    ['ALTER TABLE t MODIFY c DOUBLE', [id, a, b, column('c', 'double', { kind: 'double' })], /no wider type/],
  ])('%s', (sql, columns, reason) => {
    expect(follow(sql, columns)).toMatch(reason);
  });

  test('where another table refers to a column that has another name now', () => {
    const child = table('child', [idColumn(), int('p')], { foreignKeys: [foreignKey('f', ['p'], 't', ['a'])] });
    const renamed = { ...BEFORE, columns: [id, int('n'), b, c], indexes: [index('by_a', parts('n'))] };
    expect(follow('ALTER TABLE t RENAME COLUMN a TO n', renamed, [child])).toMatch(/child\.f refers to a/);
  });
});

test('an integer type holds all of another one exactly when its range does', () => {
  const integers = fc.record({
    kind: fc.constant('integer' as const),
    bits: fc.constantFrom(8, 16, 24, 32, 64),
    unsigned: fc.boolean(),
  }) as fc.Arbitrary<Extract<CanonicalType, { kind: 'integer' }>>;
  fc.assert(
    fc.property(integers, integers, (wide, narrow) => {
      const [outer, inner] = [integerRange(wide), integerRange(narrow)];
      expect(holdsAll(wide, narrow)).toBe(outer.min <= inner.min && outer.max >= inner.max);
    }),
  );
});

test.each<[CanonicalType, CanonicalType, boolean]>([
  [{ kind: 'decimal', precision: 12, scale: 4 }, { kind: 'decimal', precision: 10, scale: 2 }, true],
  [{ kind: 'decimal', precision: 11, scale: 4 }, { kind: 'decimal', precision: 10, scale: 2 }, false],
  [{ kind: 'text', length: null }, { kind: 'text', length: 5 }, true],
  [{ kind: 'text', length: 5 }, { kind: 'text', length: null }, false],
  [{ kind: 'bytes', length: 5, fixed: true }, { kind: 'bytes', length: 3, fixed: true }, false],
  [{ kind: 'bytes', length: 5, fixed: false }, { kind: 'bytes', length: 3, fixed: false }, true],
  [{ kind: 'enum', labels: ['a', 'b', 'c'] }, { kind: 'enum', labels: ['a', 'b'] }, true],
  [{ kind: 'enum', labels: ['b', 'a'] }, { kind: 'enum', labels: ['a', 'b'] }, false],
  [INT, TINYINT_1, false],
  [{ kind: 'double' }, { kind: 'real' }, false],
  [{ kind: 'date' }, { kind: 'date' }, true],
])('%j holds all of %j: %s', (wide, narrow, holds) => {
  expect(holdsAll(wide, narrow)).toBe(holds);
});

describe('a table that is planned anew', () => {
  const options = (mapping: Partial<Mapping> = {}) => ({
    filter: tablesFilterSchema.parse({}),
    mapping: mappingSchema.parse(mapping),
    targetSchema: 'public',
    names: postgresNames,
    parseType,
  });

  test('keeps what the target has, and trusts no proof of a column that holds more now', () => {
    const flag = column('flag', 'tinyint(1)', TINYINT_1);
    const big = column('big', 'int unsigned', { kind: 'integer', bits: 32, unsigned: true });
    const before = table('t', [idColumn(), flag, big]);
    const proven = facts({ t: { columns: { flag: { min: '0', max: '1' }, big: { min: '1', max: '9' } } } });
    const planned = plan(catalog([before]), proven).tables[0]!;
    expect(planned.columns.map(({ type }) => type.kind)).toEqual(['integer', 'boolean', 'integer']);
    const now = table('t', [idColumn(), { ...flag, name: 'mark' }, column('big', 'bigint unsigned', BIGINT_UNSIGNED)]);
    const former = new Map([
      ['id', 'id'],
      ['mark', 'flag'],
      ['big', 'big'],
    ]);
    const { table: after, facts: known } = replanTable(planned, former, catalog([now]), proven, options());
    expect(after.columns.map(({ targetName, type }) => [targetName, type.kind])).toEqual([
      ['id', 'integer'],
      ['mark', 'boolean'],
      ['big', 'decimal'],
    ]);
    expect(known?.columns).toEqual({
      mark: { min: '0', max: '1' },
      big: { min: '0', max: '4294967295' },
    });
  });

  test('has a growing key that numbers itself in the type that the target can number', () => {
    const unsigned = column(
      'id',
      'int unsigned',
      { kind: 'integer', bits: 32, unsigned: true },
      { nullable: false, identity: { next: '5' } },
    );
    const planned = plan(catalog([table('t', [unsigned])]), facts({ t: {} })).tables[0]!;
    const now = table('t', [{ ...unsigned, declaredType: 'bigint unsigned', type: BIGINT_UNSIGNED }]);
    const { table: after } = replanTable(planned, new Map([['id', 'id']]), catalog([now]), facts({ t: {} }), options());
    expect(after.columns.map(({ type }) => type)).toMatchObject([{ kind: 'integer', bits: 64, unsigned: false }]);
  });

  test('has a column under the name that the mapping gives it, whatever the source calls it now', () => {
    const mapping = { tables: { t: { columns: { a: { name: 'Chosen' }, c: { name: 'gone' } } } } };
    const planned = plan(catalog([BEFORE]), new Map(), mapping).tables[0]!;
    const now = { ...BEFORE, columns: [id, int('n'), b], indexes: [] };
    const former = new Map([
      ['id', 'id'],
      ['n', 'a'],
      ['b', 'b'],
    ]);
    const { table: after } = replanTable(
      planned,
      former,
      catalog([now]),
      new Map(),
      options(mappingSchema.parse(mapping)),
    );
    expect(after.columns.map(({ targetName }) => targetName)).toEqual(['id', 'Chosen', 'b']);
  });
});
