import type { CanonicalType } from '../../domain/canonicalType';
import type { Column, Table } from '../../domain/catalog';
import {
  BIGINT_UNSIGNED,
  INT,
  catalog,
  column,
  facts,
  foreignKey,
  idColumn,
  index,
  parts,
  plan,
  table,
} from '../helpers/catalogs';

const int = (name: string, rest: Partial<Column> = {}) => column(name, 'int', INT, { nullable: false, ...rest });
const text = (name: string, length: number | null, rest: Partial<Column> = {}) =>
  column(name, length === null ? 'text' : `varchar(${length})`, { kind: 'text', length }, { nullable: false, ...rest });

/** Plans one table alone. */
function planOne(
  columns: Column[],
  rest: Partial<Table>,
  ...more: [Parameters<typeof plan>[1]?, Parameters<typeof plan>[2]?]
) {
  const { tables, findings } = plan(catalog([table('t', columns, rest)]), ...more);
  return { planned: tables[0]!, findings, codes: findings.map(({ code, object }) => `${code} ${object}`) };
}

describe('the key that cuts a table into chunks', () => {
  const unique = (name: string, ...columns: string[]) => index(name, parts(...columns), { unique: true });

  it('is the primary key, in key order', () => {
    const { planned } = planOne([int('a'), int('b')], { primaryKey: parts('b', 'a') });
    expect(planned).toMatchObject({ chunkKey: ['b', 'a'], keyOrdersAlike: true });
  });

  it('or else the narrowest unique index without NULL', () => {
    const columns = [int('a'), int('b'), text('c', 10), int('d', { nullable: true })];
    const indexes = [unique('u1', 'a', 'b'), unique('u2', 'c'), unique('u3', 'b'), unique('u4', 'd')];
    expect(planOne(columns, { primaryKey: null, indexes }).planned.chunkKey).toEqual(['b']);
    expect(planOne(columns, { primaryKey: null, indexes: indexes.slice(0, 2) }).planned.chunkKey).toEqual(['c']);
    expect(planOne(columns, { primaryKey: null, indexes: indexes.slice(3) })).toMatchObject({
      planned: { chunkKey: null, keyOrdersAlike: false },
      codes: ['TABLE_WITHOUT_KEY t'],
    });
  });

  it('has no prefix, no FLOAT and no JSON, and is not an index the source must not use', () => {
    const columns = [text('a', 300), column('f', 'float', { kind: 'real' }, { nullable: false }), int('z')];
    const usable = { indexes: [unique('u', 'z')] };
    const prefixed = { primaryKey: parts(['a', { prefix: 10 }]) };
    expect(planOne(columns, { ...prefixed, ...usable }).planned.chunkKey).toEqual(['z']);
    expect(planOne(columns, { primaryKey: parts('f'), ...usable }).planned.chunkKey).toEqual(['z']);
    const hidden = { indexes: [{ ...unique('u', 'z'), visible: false }] };
    expect(planOne(columns, { primaryKey: parts('f'), ...hidden }).planned.chunkKey).toBeNull();
  });

  it.each<[string, CanonicalType, boolean]>([
    ['int', INT, true],
    ['bigint unsigned', BIGINT_UNSIGNED, true],
    ['decimal(5,2)', { kind: 'decimal', precision: 5, scale: 2 }, true],
    ['double', { kind: 'double' }, true],
    ['date', { kind: 'date' }, true],
    ['datetime', { kind: 'timestamp', precision: 0, zoned: false }, true],
    ['timestamp', { kind: 'timestamp', precision: 0, zoned: true }, true],
    ['year', { kind: 'year' }, true],
    ['binary(16)', { kind: 'bytes', length: 16, fixed: true }, true],
    ['varbinary(16)', { kind: 'bytes', length: 16, fixed: false }, true],
    ['varchar(5)', { kind: 'text', length: 5 }, false],
    ["enum('a')", { kind: 'enum', labels: ['a'] }, false],
    ["set('a')", { kind: 'set', labels: ['a'] }, false],
    ['uuid', { kind: 'uuid' }, false],
    ['inet4', { kind: 'inet', version: 4 }, false],
    ['bit(9)', { kind: 'bits', length: 9 }, false],
    ['bit(1)', { kind: 'bits', length: 1 }, false],
    ['time', { kind: 'interval', precision: 0 }, false],
  ])('knows whether both engines order %s alike', (declared, type, alike) => {
    const { planned } = planOne([column('k', declared, type, { nullable: false })], { primaryKey: parts('k') });
    expect(planned).toMatchObject({ chunkKey: ['k'], keyOrdersAlike: alike });
  });

  it('is not ordered alike once the mapping changes its kind', () => {
    const key = [column('k', 'binary(16)', { kind: 'bytes', length: 16, fixed: true }, { nullable: false })];
    const mapping = { tables: { t: { columns: { k: { type: 'uuid' } } } } };
    expect(planOne(key, { primaryKey: parts('k') }, new Map(), mapping).planned.keyOrdersAlike).toBe(false);
  });
});

describe('a primary key', () => {
  it('with a prefix becomes one on the whole column, and a unique index on the prefix', () => {
    const { planned, codes } = planOne([text('a', 300), int('b')], { primaryKey: parts(['a', { prefix: 10 }], 'b') });
    expect(planned.primaryKey).toEqual({ name: 't_pkey', columns: ['a', 'b'] });
    expect(planned.indexes).toMatchObject([{ targetName: 't_prefix_key', source: { unique: true } }]);
    expect(codes).toContain('INDEX_CHANGED t.PRIMARY');
  });

  it('that must admit NULL becomes a unique index that takes two NULLs for the same', () => {
    const day = column('d', 'date', { kind: 'date' }, { nullable: false });
    const proven = facts({ t: { columns: { d: { zeroDates: 1 } } } });
    const { planned, codes } = planOne([day, int('b')], { primaryKey: parts('d', 'b') }, proven, { zeroDates: 'null' });
    expect(planned).toMatchObject({ primaryKey: null, chunkKey: ['d', 'b'], keyOrdersAlike: false });
    expect(planned.indexes).toMatchObject([{ targetName: 't_key', nullsNotDistinct: true }]);
    expect(codes).toEqual(['ZERO_DATES t.d', 'NOT_NULL_DROPPED t.d', 'INDEX_CHANGED t.PRIMARY']);
  });
});

describe('an index', () => {
  const columns = [idColumn(), text('a', 300), column('j', 'json', { kind: 'json' })];

  it.each([
    [index('x', parts('a'), { kind: 'fulltext' })],
    [index('x', parts('a'), { kind: 'spatial' })],
    [index('x', [{ column: null, expression: 'cast(…)', prefix: null, descending: false }], { kind: 'multiValued' })],
    [index('x', [{ column: null, expression: 'lower(`a`)', prefix: null, descending: false }], { unique: true })],
    [index('x', parts('j'))],
  ])('without a translation is told: %j', (given) => {
    const { planned, findings } = planOne(columns, { indexes: [given] });
    expect(planned.indexes).toEqual([]);
    expect(findings).toMatchObject([{ code: 'INDEX_NOT_TRANSLATED', object: 't.x', target: '' }]);
    if (given.unique) expect(findings[0]!.reason).toContain('not kept so');
  });

  it('on a prefix, or an invisible one, is built in another form; a prefix as long as the column is none', () => {
    const prefixed = (prefix: number) => [index('x', parts(['a', { prefix }]))];
    expect(planOne(columns, { indexes: prefixed(20) }).codes).toEqual(['INDEX_CHANGED t.x']);
    expect(planOne(columns, { indexes: prefixed(300) }).codes).toEqual([]);
    expect(planOne(columns, { indexes: [index('x', parts('id'), { visible: false })] }).codes).toEqual([
      'INDEX_CHANGED t.x',
    ]);
  });

  it('whose entries can be too long is told before the copy', () => {
    const check = (columns: Column[], ...on: Parameters<typeof parts>) =>
      planOne([idColumn(), ...columns], { indexes: [index('x', parts(...on))] }).findings.map(
        ({ code, reason }) => `${code} ${reason}`,
      );
    const told = (possible: string) =>
      `INDEX_TOO_LARGE entries can be ${possible}; the target takes 2704 bytes after compression`;
    expect(check([text('a', 676)], 'a')).toEqual([]);
    expect(check([text('a', 677)], 'a')).toEqual([told('up to 2708 bytes')]);
    expect(check([text('a', 677, { charset: 'latin1' })], 'a')).toEqual([]);
    expect(check([text('a', 500), text('b', 500)], 'a', 'b')).toEqual([told('up to 4000 bytes')]);
    expect(check([text('a', null)], 'a')).toEqual([told('of any length')]);
    expect(check([text('a', null)], ['a', { prefix: 100 }])).toEqual([
      'INDEX_CHANGED the target knows no such form of index',
    ]);
  });
});

describe('letter case', () => {
  it('that the source ignores in a key is told once a column, with every key', () => {
    const ci = { collation: 'utf8mb4_0900_ai_ci' };
    const source = catalog([
      table('a', [text('code', 10, ci), text('note', 10, ci)], {
        primaryKey: parts('code'),
        indexes: [index('by_note', parts('note')), index('u', parts('code'), { unique: true })],
      }),
      table('b', [idColumn(), text('a_code', 10, ci)], { foreignKeys: [foreignKey('f', ['a_code'], 'a', ['code'])] }),
    ]);
    const told = plan(source).findings.filter(({ code }) => code === 'CASE_INSENSITIVE_KEY');
    expect(told.map(({ object, source: words }) => [object, words])).toEqual([
      ['a.code', 'varchar(10) collate utf8mb4_0900_ai_ci, in the primary key and unique index u and foreign key f'],
      ['b.a_code', 'varchar(10) collate utf8mb4_0900_ai_ci, in foreign key f'],
    ]);
  });
});

describe('a foreign key', () => {
  const parent = table('Parent', [idColumn(), int('u'), int('plain')], {
    indexes: [index('u', parts('u'), { unique: true }), index('plain', parts('plain'))],
  });
  const child = (...keys: Parameters<typeof foreignKey>[]) =>
    table('child', [idColumn(), int('Ref')], { foreignKeys: keys.map((key) => foreignKey(...key)) });
  const planChild = (
    key: Parameters<typeof foreignKey>,
    ...[proven, mapping, filter]: [
      Parameters<typeof plan>[1]?,
      Parameters<typeof plan>[2]?,
      Parameters<typeof plan>[3]?,
    ]
  ) => {
    const { tables, findings } = plan(catalog([parent, child(key)]), proven, mapping, filter);
    return { keys: tables.find(({ source }) => source.name === 'child')!.foreignKeys, findings };
  };

  it('is carried over with target names, to a primary or a unique key', () => {
    const key = planChild(['f', ['Ref'], 'Parent', ['id'], { onDelete: 'CASCADE' }]).keys;
    expect(key).toMatchObject([
      { targetName: 'f', columns: ['ref'], referencedTable: 'parent', referencedColumns: ['id'], notValid: false },
    ]);
    expect(planChild(['f', ['Ref'], 'Parent', ['u']]).keys).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof foreignKey>, object | undefined, string]>([
    ['a table left out', ['f', ['Ref'], 'Parent', ['id']], { exclude: ['Par*'] }, 'FOREIGN_KEY_OUTSIDE'],
    ['a table that is not there', ['f', ['Ref'], 'gone', ['id']], undefined, 'FOREIGN_KEY_OUTSIDE'],
    ['another database', ['f', ['Ref'], 'Parent', ['id'], { referencedSchema: 'x' }], undefined, 'FOREIGN_KEY_OUTSIDE'],
    ['what is not unique', ['f', ['Ref'], 'Parent', ['plain']], undefined, 'FOREIGN_KEY_NOT_TRANSLATED'],
    ['a column that is not there', ['f', ['Ref'], 'Parent', ['nope']], undefined, 'FOREIGN_KEY_NOT_TRANSLATED'],
  ])('to %s is told and not created', (_, key, filter, code) => {
    const { keys, findings } = planChild(key, new Map(), {}, filter);
    expect(keys).toEqual([]);
    expect(findings).toMatchObject([{ code, object: 'child.f', severity: 'warning', target: '' }]);
    expect(findings[0]!.source).toMatch(/^FOREIGN KEY \(Ref\) REFERENCES /);
  });

  it('that rows break stops the run, or is not validated, by choice', () => {
    const proven = facts({ child: { orphans: { f: 2 } } });
    const key: Parameters<typeof foreignKey> = ['f', ['Ref'], 'Parent', ['id']];
    const stopped = planChild(key, proven);
    expect(stopped.keys).toMatchObject([{ notValid: false }]);
    expect(stopped.findings).toMatchObject([{ code: 'FOREIGN_KEY_ORPHANS', severity: 'blocking' }]);
    expect(stopped.findings[0]!.reason).toMatch(/^2 rows refer to nothing/);
    const kept = planChild(key, proven, { orphans: 'notValid' });
    expect(kept.keys).toMatchObject([{ notValid: true }]);
    expect(kept.findings).toMatchObject([{ code: 'FOREIGN_KEY_ORPHANS', severity: 'warning' }]);
  });
});
