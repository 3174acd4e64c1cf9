import type { CanonicalType } from '../../domain/canonicalType';
import type { ColumnDefault } from '../../domain/catalog';
import { describeDefault, translateDefault } from '../../engines/postgres/defaults';
import { nativeType, parseType } from '../../engines/postgres/types';
import { column } from '../helpers/catalogs';

const POLICIES = { zeroDates: 'reject', nulCharacters: 'reject', invalidEnums: 'reject' } as const;

/** A planned column of that type, as the mapping or the planner would make it. */
function planned(type: CanonicalType, given: ColumnDefault | null = null, mappedType: string | null = null) {
  const source = column('c', 'declared', type, { default: given });
  return { source, targetName: 'c', type, mappedType, nullable: true, policies: POLICIES, typeName: 't_c' };
}

describe('types as the mapping may spell them', () => {
  it.each([
    ['INT', 'integer'],
    ['int4', 'integer'],
    ['Int8', 'bigint'],
    ['smallint', 'smallint'],
    ['bool', 'boolean'],
    ['numeric(20, 0)', 'numeric(20,0)'],
    ['decimal (5)', 'numeric(5,0)'],
    ['float', 'double precision'],
    ['float(24)', 'real'],
    ['double  precision', 'double precision'],
    ['varchar(20)', 'varchar(20)'],
    ['character varying ( 20 )', 'varchar(20)'],
    ['varchar', 'text'],
    ['text', 'text'],
    ['bytea', 'bytea'],
    ['json', 'json'],
    ['JSONB', 'jsonb'],
    ['uuid', 'uuid'],
    ['inet', 'inet'],
    ['date', 'date'],
    ['timestamp', 'timestamp(6)'],
    ['timestamp(3)', 'timestamp(3)'],
    ['timestamp (3) with time zone', 'timestamptz(3)'],
    ['timestamp with time zone', 'timestamptz(6)'],
    ['timestamp without time zone', 'timestamp(6)'],
    ['timestamptz(0)', 'timestamptz(0)'],
    ['time', 'time(6)'],
    ['time(0) without time zone', 'time(0)'],
    ['interval', 'interval(6)'],
    ['bit', 'bit(1)'],
    ['bit(12)', 'bit(12)'],
  ])('%s is %s', (spelling, native) => {
    const type = parseType(spelling);
    expect(type && nativeType(planned(type, null, spelling), 'public')).toBe(native);
  });

  it.each([
    'char(3)',
    'numeric',
    'numeric(5,6)',
    'numeric(1001)',
    'varchar(0)',
    'varchar(20000000)',
    'timetz',
    'time with time zone',
    'timestamp(7)',
    'money',
    'serial',
    'int(11)',
    'int[]',
    'constructor',
    '__proto__',
    'integer; drop table x',
    '',
  ])('%s is none that can be written', (spelling) => {
    expect(parseType(spelling)).toBeNull();
  });
});

const literal = (text: string): ColumnDefault => ({ kind: 'literal', text });

describe('a default the column cannot hold', () => {
  it.each<[CanonicalType, ColumnDefault]>([
    [{ kind: 'boolean' }, literal('2')],
    [{ kind: 'bits', length: 2 }, literal('111')],
    [{ kind: 'integer', bits: 16, unsigned: false }, literal('32768')],
    [{ kind: 'integer', bits: 16, unsigned: false }, literal('1.5')],
    [{ kind: 'decimal', precision: 3, scale: 1 }, literal('100')],
    [{ kind: 'decimal', precision: 3, scale: 1 }, literal('1.25')],
    [{ kind: 'double' }, literal('much')],
    [{ kind: 'text', length: 2 }, literal('abc')],
    [{ kind: 'text', length: null }, literal('a\0b')],
    [
      { kind: 'bytes', length: 1, fixed: false },
      { kind: 'bytes', hex: 'ffff' },
    ],
    [{ kind: 'enum', labels: ['a'] }, literal('')],
    [{ kind: 'set', labels: ['a'] }, literal('a,b')],
    [{ kind: 'json' }, literal('{')],
    [{ kind: 'json' }, literal('"\\u0000"')],
    [{ kind: 'date' }, literal('2000-00-01')],
    [{ kind: 'date' }, literal('2001-02-29')],
    [{ kind: 'timestamp', precision: 0, zoned: false }, literal('0000-00-00 00:00:00')],
    [{ kind: 'timestamp', precision: 0, zoned: false }, literal('2000-01-01 00:00:00.5')],
    [{ kind: 'time', precision: 0 }, literal('24:00:01')],
    [{ kind: 'time', precision: 0 }, literal('-00:00:01')],
    [{ kind: 'interval', precision: 0 }, literal('1 day')],
    [{ kind: 'uuid' }, literal('x')],
    [{ kind: 'inet', version: 4 }, literal("'")],
  ])('%j: %j is dropped and told', (type, given) => {
    expect(translateDefault(planned(type, given))).toMatchObject({ sql: null, problem: { code: 'DEFAULT_DROPPED' } });
  });

  it('is not the current time in a column of no time', () => {
    const now: ColumnDefault = { kind: 'now', precision: 0 };
    expect(translateDefault(planned({ kind: 'text', length: null }, now))).toMatchObject({
      sql: null,
      problem: { code: 'DEFAULT_NOT_TRANSLATED' },
    });
    expect(describeDefault(now)).toBe('default current_timestamp(0)');
  });
});

describe('a default', () => {
  it.each<[CanonicalType, ColumnDefault, string]>([
    [{ kind: 'boolean' }, literal('0'), 'false'],
    [{ kind: 'bits', length: 3 }, literal('001'), "B'001'"],
    [{ kind: 'decimal', precision: 3, scale: 1 }, literal('01.50'), '01.50'],
    [{ kind: 'text', length: 2 }, literal('😀😀'), "'😀😀'"],
    [{ kind: 'text', length: 4 }, literal('NULL'), "'NULL'"],
    [{ kind: 'bytes', length: 3, fixed: false }, { kind: 'bytes', hex: '' }, "'\\x'"],
    [{ kind: 'set', labels: ['a', 'b'] }, literal(''), 'ARRAY[]::text[]'],
    [{ kind: 'timestamp', precision: 0, zoned: false }, literal('2000-01-01'), "'2000-01-01'"],
    [{ kind: 'timestamp', precision: 0, zoned: true }, { kind: 'now', precision: 0 }, 'CURRENT_TIMESTAMP(0)'],
    [{ kind: 'date' }, { kind: 'now', precision: 0 }, 'CURRENT_DATE'],
    [{ kind: 'time', precision: 0 }, literal('24:00:00'), "'24:00:00'"],
    [{ kind: 'year' }, literal('0000'), '0'],
  ])('%j: %j keeps its value', (type, given, sql) => {
    expect(translateDefault(planned(type, given))).toEqual({ sql, problem: null });
  });
});
