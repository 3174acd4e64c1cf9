import type { CanonicalType } from '../../domain/canonicalType';
import type { Column, ColumnFacts, TableFacts } from '../../domain/catalog';
import type { PlannedColumn } from '../../domain/plan';
import { nativeType } from '../../engines/postgres/types';
import {
  BIGINT_UNSIGNED,
  INT,
  TINYINT_1,
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

type Mapping = Parameters<typeof plan>[2];

/** Plans one column beside an id, and answers it with its findings. */
function planColumn(
  given: Column,
  proven: ColumnFacts | null = null,
  mapping: Mapping = {},
  rest: Parameters<typeof table>[2] = {},
): { planned: PlannedColumn; native: string; codes: string[]; reasons: string } {
  const source = catalog([table('t', [idColumn(), given], rest)]);
  const result = plan(source, proven ? facts({ t: { columns: { [given.name]: proven } } }) : new Map(), mapping);
  const planned = result.tables[0]!.columns[1]!;
  return {
    planned,
    native: nativeType(planned, 'public'),
    codes: result.findings.map(({ code, severity }) => `${code} ${severity}`),
    reasons: result.findings.map(({ reason }) => reason).join('; '),
  };
}

const integer = (bits: 8 | 16 | 24 | 32 | 64, unsigned = false): CanonicalType => ({ kind: 'integer', bits, unsigned });

describe('a type without a choice becomes what fidelity promises', () => {
  it.each<[string, CanonicalType, string]>([
    ['tinyint', integer(8), 'smallint'],
    ['tinyint unsigned', integer(8, true), 'smallint'],
    ['smallint', integer(16), 'smallint'],
    ['smallint unsigned', integer(16, true), 'integer'],
    ['mediumint', integer(24), 'integer'],
    ['mediumint unsigned', integer(24, true), 'integer'],
    ['int(1)', integer(32), 'integer'],
    ['int unsigned', integer(32, true), 'bigint'],
    ['bigint', integer(64), 'bigint'],
    ['decimal(65,30)', { kind: 'decimal', precision: 65, scale: 30 }, 'numeric(65,30)'],
    ['float', { kind: 'real' }, 'real'],
    ['double', { kind: 'double' }, 'double precision'],
    ['bit(1)', { kind: 'bits', length: 1 }, 'boolean'],
    ['bit(20)', { kind: 'bits', length: 20 }, 'bit(20)'],
    ['char(5)', { kind: 'text', length: 5 }, 'varchar(5)'],
    ['longtext', { kind: 'text', length: null }, 'text'],
    ['binary(16)', { kind: 'bytes', length: 16, fixed: true }, 'bytea'],
    ['json', { kind: 'json' }, 'jsonb'],
    ['date', { kind: 'date' }, 'date'],
    ['datetime(3)', { kind: 'timestamp', precision: 3, zoned: false }, 'timestamp(3)'],
    ['timestamp', { kind: 'timestamp', precision: 0, zoned: true }, 'timestamptz(0)'],
    ['year', { kind: 'year' }, 'smallint'],
    ["set('a','b')", { kind: 'set', labels: ['a', 'b'] }, 'text[]'],
    ["enum('a','b')", { kind: 'enum', labels: ['a', 'b'] }, '"public"."t_c"'],
    ['uuid', { kind: 'uuid' }, 'uuid'],
    ['inet4', { kind: 'inet', version: 4 }, 'inet'],
  ])('%s', (declared, type, expected) => {
    const { native, codes } = planColumn(column('c', declared, type));
    expect({ native, codes }).toEqual({ native: expected, codes: [] });
  });

  it('says what it cannot move, and stops', () => {
    const { codes, reasons } = planColumn(column('g', 'point', { kind: 'unsupported', reason: 'spatial' }));
    expect(codes).toEqual(['TYPE_UNSUPPORTED blocking']);
    expect(reasons).toContain('tables.exclude');
  });
});

describe('tinyint(1) is a boolean only where nothing but 0, 1 and NULL is proven', () => {
  it.each<[string, Partial<Column>, ColumnFacts | null, string]>([
    ['0 and 1', {}, { min: '0', max: '1' }, 'boolean'],
    ['no value at all', {}, { min: null, max: null }, 'boolean'],
    ['a default of 1', { default: { kind: 'literal', text: '1' } }, { min: '0', max: '1' }, 'boolean'],
    ['a 2', {}, { min: '0', max: '2' }, 'smallint'],
    ['a -1', {}, { min: '-1', max: '1' }, 'smallint'],
    ['nothing proven', {}, null, 'smallint'],
    ['a default of 5', { default: { kind: 'literal', text: '5' } }, { min: '0', max: '1' }, 'smallint'],
    ['a column that numbers itself', { identity: { next: '2' } }, { min: '1', max: '1' }, 'smallint'],
  ])('%s', (_, rest, proven, expected) => {
    const { native, codes } = planColumn(column('c', 'tinyint(1)', TINYINT_1, rest), proven);
    expect({ native, codes }).toEqual({ native: expected, codes: ['TYPE_CHANGED info'] });
  });

  it('is not fooled by a column called constructor', () => {
    expect(planColumn(column('constructor', 'tinyint(1)', TINYINT_1)).native).toBe('smallint');
  });
});

describe('bigint unsigned never wraps', () => {
  const unique = { indexes: [index('u', parts('c'), { unique: true })] };

  it.each<[string, ColumnFacts | null, typeof unique | object, string]>([
    ['a key below 2^63', { max: '9223372036854775807' }, unique, 'bigint'],
    ['an empty key', { max: null }, unique, 'bigint'],
    ['a key at 2^63', { max: '9223372036854775808' }, unique, 'numeric(20,0)'],
    ['a key of which nothing is proven', null, unique, 'numeric(20,0)'],
    ['no key, however small', { max: '3' }, {}, 'numeric(20,0)'],
  ])('%s', (_, proven, rest, expected) => {
    const { native, codes } = planColumn(column('c', 'bigint unsigned', BIGINT_UNSIGNED), proven, {}, rest);
    expect({ native, codes }).toEqual({ native: expected, codes: ['TYPE_CHANGED info'] });
  });

  it('takes the source counter and the default for values', () => {
    const serial = column('c', 'bigint unsigned', BIGINT_UNSIGNED, { identity: { next: '18446744073709551615' } });
    expect(planColumn(serial, { max: '5' }, {}, unique).native).toBe('numeric(20,0)');
    const byDefault = { default: { kind: 'literal', text: '18446744073709551615' } } as const;
    const defaulted = column('c', 'bigint unsigned', BIGINT_UNSIGNED, byDefault);
    expect(planColumn(defaulted, { max: '5' }, {}, unique).native).toBe('numeric(20,0)');
  });
});

describe('a foreign key and what it refers to get the same type', () => {
  /** grandchild.b -> child.b -> parent.id, and child.b is also where the second column leads. */
  function chain(types: CanonicalType[], proven: Record<string, Partial<TableFacts>>, mapping: Mapping = {}) {
    const [parent, child, grandchild] = types.map((type) => column('x', 'declared', type, { nullable: false }));
    const source = catalog([
      table('parent', [parent!], { primaryKey: parts('x') }),
      table('child', [child!], { primaryKey: parts('x'), foreignKeys: [foreignKey('f1', ['x'], 'parent', ['x'])] }),
      table('grandchild', [grandchild!], { foreignKeys: [foreignKey('f2', ['x'], 'child', ['x'])] }),
    ]);
    const result = plan(source, facts(proven), mapping);
    return { result, natives: result.tables.map(({ columns }) => nativeType(columns[0]!, 'public')) };
  }
  const all = (proven: ColumnFacts) => ({
    parent: { columns: { x: proven } },
    child: { columns: { x: proven } },
    grandchild: { columns: { x: proven } },
  });

  it('bigint unsigned through two tables, all small', () => {
    const { natives } = chain([BIGINT_UNSIGNED, BIGINT_UNSIGNED, BIGINT_UNSIGNED], all({ max: '7' }));
    expect(natives).toEqual(['bigint', 'bigint', 'bigint']);
  });

  it('bigint unsigned, where only the farthest holds a large value', () => {
    const proven = { ...all({ max: '7' }), grandchild: { columns: { x: { max: '9223372036854775808' } } } };
    const { natives } = chain([BIGINT_UNSIGNED, BIGINT_UNSIGNED, BIGINT_UNSIGNED], proven);
    expect(natives).toEqual(['numeric(20,0)', 'numeric(20,0)', 'numeric(20,0)']);
  });

  it('tinyint(1) with a 2 in one of them', () => {
    const proven = { ...all({ min: '0', max: '1' }), child: { columns: { x: { min: '0', max: '2' } } } };
    expect(chain([TINYINT_1, TINYINT_1, TINYINT_1], proven).natives).toEqual(['smallint', 'smallint', 'smallint']);
    expect(chain([TINYINT_1, TINYINT_1, TINYINT_1], all({ min: '0', max: '1' })).natives).toEqual([
      'boolean',
      'boolean',
      'boolean',
    ]);
  });

  it('mixed widths and signs', () => {
    const { natives, result } = chain([INT, integer(32, true), TINYINT_1], all({ min: '0', max: '1' }));
    expect(natives).toEqual(['bigint', 'bigint', 'bigint']);
    expect(result.tables.flatMap(({ foreignKeys }) => foreignKeys)).toHaveLength(2);
    expect(chain([BIGINT_UNSIGNED, INT, TINYINT_1], all({ min: '0', max: '1' })).natives).toEqual([
      'bigint',
      'bigint',
      'bigint',
    ]);
  });

  it('time, where one of them passes a day', () => {
    const time: CanonicalType = { kind: 'interval', precision: 0 };
    const proven = { ...all({ withinDay: true }), child: { columns: { x: { withinDay: false } } } };
    expect(chain([time, time, time], proven).natives).toEqual(['interval(0)', 'interval(0)', 'interval(0)']);
  });

  it('enum, which becomes text with a check because two enum types do not compare', () => {
    const type: CanonicalType = { kind: 'enum', labels: ['a', 'bcd'] };
    const { natives, result } = chain([type, type, type], {});
    expect(natives).toEqual(['varchar(3)', 'varchar(3)', 'varchar(3)']);
    expect(result.findings.filter(({ code }) => code === 'TYPE_CHANGED')).toHaveLength(3);
  });

  it('a type asked for by the mapping, on one of them alone', () => {
    const mapping = { tables: { parent: { columns: { x: { type: 'numeric(20,0)' } } } } };
    const { natives } = chain([INT, INT, INT], {}, mapping);
    expect(natives).toEqual(['numeric(20,0)', 'numeric(20,0)', 'numeric(20,0)']);
  });

  it('refuses two types asked for in one group', () => {
    const tables = { parent: { columns: { x: { type: 'bigint' } } }, child: { columns: { x: { type: 'smallint' } } } };
    expect(() => chain([INT, INT, INT], {}, { tables })).toThrow(
      /child\.columns\.x\.type asks for smallint.*parent\.columns\.x\.type for bigint/s,
    );
  });

  it('does not create a key between types that do not compare', () => {
    const { result } = chain([INT, { kind: 'date' }, { kind: 'date' }], {});
    expect(result.findings).toContainEqual(
      expect.objectContaining({ code: 'FOREIGN_KEY_NOT_TRANSLATED', object: 'child.f1' }),
    );
    expect(result.tables[2]!.foreignKeys).toHaveLength(1);
  });
});

describe('time', () => {
  const time = column('c', 'time(3)', { kind: 'interval', precision: 3 });

  it('is a time of day only when proven within a day', () => {
    expect(planColumn(time, { withinDay: true })).toMatchObject({ native: 'time(3)', codes: [] });
    expect(planColumn(time, { withinDay: false })).toMatchObject({
      native: 'interval(3)',
      codes: ['TYPE_CHANGED info'],
    });
    expect(planColumn(time)).toMatchObject({ native: 'interval(3)', codes: ['TYPE_CHANGED info'] });
  });
});

describe('values the target cannot hold', () => {
  const day = column('c', 'date', { kind: 'date' }, { nullable: false });
  const zeroDefault = { ...day, default: { kind: 'literal', text: '0000-00-00' } } as const;

  it('stop the run by default, with the count', () => {
    const { planned, codes, reasons } = planColumn(day, { zeroDates: 3 });
    expect(codes).toEqual(['ZERO_DATES blocking']);
    expect(reasons).toContain('3 rows hold zero or partial dates');
    expect(planned.nullable).toBe(false);
    expect(planColumn(column('c', 'text', { kind: 'text', length: null }), { nulCharacters: 1 }).codes).toEqual([
      'NUL_CHARACTERS blocking',
    ]);
    const labels: CanonicalType = { kind: 'enum', labels: ['a'] };
    expect(planColumn(column('c', "enum('a')", labels), { invalidEnums: 1 }).codes).toEqual([
      'INVALID_ENUM_VALUES blocking',
    ]);
  });

  it('become NULL by choice, and NOT NULL is dropped only where one is found or is the default', () => {
    const mapping = { zeroDates: 'null' } as const;
    expect(planColumn(day, { zeroDates: 0 }, mapping)).toMatchObject({ planned: { nullable: false }, codes: [] });
    expect(planColumn(day, { zeroDates: 2 }, mapping)).toMatchObject({
      planned: { nullable: true },
      codes: ['ZERO_DATES warning', 'NOT_NULL_DROPPED warning'],
    });
    expect(planColumn(zeroDefault, { zeroDates: 0 }, mapping)).toMatchObject({
      planned: { nullable: true },
      codes: ['NOT_NULL_DROPPED warning'],
    });
    expect(planColumn(zeroDefault, { zeroDates: 0 })).toMatchObject({ planned: { nullable: false }, codes: [] });
    const nullable = column('c', 'date', { kind: 'date' });
    expect(planColumn(nullable, { zeroDates: 2 }, mapping).codes).toEqual(['ZERO_DATES warning']);
  });

  it('lose a NUL, and an enum its error value, by choice', () => {
    const text = column('c', 'text', { kind: 'text', length: null }, { nullable: false });
    expect(planColumn(text, { nulCharacters: 1 }, { nulCharacters: 'strip' })).toMatchObject({
      planned: { nullable: false, policies: { nulCharacters: 'strip' } },
      codes: ['NUL_CHARACTERS warning'],
    });
    const labels = column('c', "enum('a')", { kind: 'enum', labels: ['a'] }, { nullable: false });
    expect(planColumn(labels, { invalidEnums: 1 }, { invalidEnums: 'null' })).toMatchObject({
      planned: { nullable: true },
      codes: ['INVALID_ENUM_VALUES warning', 'NOT_NULL_DROPPED warning'],
    });
  });

  it('a label longer than an enum type takes makes the column text', () => {
    const label = 'ä'.repeat(32);
    const { native, codes } = planColumn(column('c', 'enum(…)', { kind: 'enum', labels: ['b', label] }));
    expect({ native, codes }).toEqual({ native: 'varchar(32)', codes: ['TYPE_CHANGED info'] });
  });
});

describe('what is only told', () => {
  it.each<[string, Column, string]>([
    [
      'a generated column',
      column('c', 'int', INT, { generated: { expression: '`id` * 2', stored: false } }),
      'COLUMN_GENERATED warning',
    ],
    [
      'ON UPDATE CURRENT_TIMESTAMP',
      column('c', 'timestamp', { kind: 'timestamp', precision: 0, zoned: true }, { updatesItself: true }),
      'COLUMN_UPDATES_ITSELF warning',
    ],
    [
      'a default that is an expression',
      column('c', 'int', INT, { default: { kind: 'expression', sql: 'rand()' } }),
      'DEFAULT_NOT_TRANSLATED warning',
    ],
    ["MariaDB's json", column('c', 'longtext', { kind: 'json' }), 'JSON_BY_MEANING info'],
  ])('%s', (_, given, expected) => {
    expect(planColumn(given).codes).toEqual([expected]);
  });
});
