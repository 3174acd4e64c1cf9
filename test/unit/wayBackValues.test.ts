import fc from 'fast-check';
import type { CanonicalType } from '../../domain/canonicalType';
import type { PlannedColumn } from '../../domain/plan';
import { RejectedValue, type CellFormat } from '../../engines/engine';
import { readLiteral } from '../../engines/mysql/literals';
import { Statement } from '../../engines/mysql/apply/statement';
import { columnWriter, type Dialect } from '../../engines/mysql/apply/values';
import { jsonNumber } from '../../engines/mysql/apply/values/jsonNumbers';
import { column } from '../helpers/catalogs';

const TEXT: CellFormat = { kind: 'text', charset: 'utf8mb4' };
const DOUBLE: CellFormat = { kind: 'double' };

const EXACT: Dialect = { flavour: 'mysql', readsJsonDoubles: true };

interface Given {
  readonly format: CellFormat;
  readonly type: CanonicalType;
  readonly native: string;
  readonly dialect?: Dialect;
  readonly rest?: Partial<PlannedColumn>;
}

function writerOf({ format, type, native, dialect = EXACT, rest = {} }: Given) {
  const planned: PlannedColumn = {
    source: column('c', 'text', type),
    targetName: 'c',
    type,
    mappedType: null,
    nullable: true,
    policies: { zeroDates: 'reject', nulCharacters: 'reject', invalidEnums: 'reject' },
    ...rest,
  };
  return columnWriter(format, planned, native, dialect);
}

function spelled(write: (out: Statement) => void): string {
  const out = new Statement();
  out.text('x');
  write(out);
  return out.bytes.toString('utf8', out.end - out.length + 1);
}

/** A cell's literal, its bytes somewhere amid others. */
function literal(given: Given, cell: string | Buffer, as: 'value' | 'key' = 'value'): string {
  const bytes = Buffer.concat([Buffer.from('{{'), Buffer.from(cell), Buffer.from('}}')]);
  return spelled((out) => writerOf(given)[as](out, bytes, 2, bytes.length - 2));
}

const decimals: Given = {
  format: { kind: 'decimal' },
  type: { kind: 'decimal', precision: 10, scale: 2 },
  native: 'decimal(10,2)',
};
const integers: Given = {
  format: { kind: 'integer' },
  type: { kind: 'integer', bits: 32, unsigned: false },
  native: 'int',
};
const texts: Given = { format: TEXT, type: { kind: 'text', length: 20 }, native: 'varchar(20)' };
const chars: Given = { ...texts, native: 'char(20)' };
const doubles: Given = { format: DOUBLE, type: { kind: 'double' }, native: 'double' };
const floats: Given = { format: DOUBLE, type: { kind: 'real' }, native: 'float' };
const sets: Given = { format: TEXT, type: { kind: 'set', labels: ['a', '7', 'é'] }, native: "set('a','7','é')" };
const words: Given = { format: TEXT, type: { kind: 'enum', labels: ['a', '7', ''] }, native: "enum('a','7','')" };
const moments: Given = {
  format: { kind: 'timestamp' },
  type: { kind: 'timestamp', precision: 3, zoned: true },
  native: 'timestamp(3)',
};
const dates: Given = { format: { kind: 'date' }, type: { kind: 'date' }, native: 'date' };
const spans: Given = { format: { kind: 'time' }, type: { kind: 'interval', precision: 0 }, native: 'time' };
const years: Given = { format: { kind: 'integer' }, type: { kind: 'year' }, native: 'year' };
const documents: Given = { format: { kind: 'json' }, type: { kind: 'json' }, native: 'json' };

describe('a literal of the way back', () => {
  test('holds any text and any bytes, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readLiteral(literal(texts, text))).toBe(text);
      }),
    );
    const bytes: Given = {
      format: { kind: 'bytes' },
      type: { kind: 'bytes', length: null, fixed: false },
      native: 'blob',
    };
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        const written = spelled((out) => writerOf(bytes).value(out, Buffer.from(value), 0, value.length));
        expect(written.startsWith("_binary'")).toBe(true);
        const out = new Statement();
        writerOf(bytes).value(out, Buffer.from(value), 0, value.length);
        const inner = out.bytes.subarray(out.end - out.length + "_binary'".length, out.end - 1).toString('latin1');
        expect(Buffer.from(inner.replaceAll(/\\(['\\])/g, '$1'), 'latin1')).toEqual(Buffer.from(value));
      }),
    );
  });

  test('has an exponent where it is a double, so that it reads as no decimal', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const written = literal(doubles, Object.is(value, -0) ? '-0' : String(value));
        expect(written).toMatch(/e/);
        expect(Object.is(Number(written), value)).toBe(true);
      }),
    );
  });

  test('of a type that is compared says so, and is else only text', () => {
    expect([literal(dates, '2024-02-29'), literal(dates, '2024-02-29', 'key')]).toEqual([
      "'2024-02-29'",
      "DATE'2024-02-29'",
    ]);
    expect(literal(moments, '2024-02-29 12:00:00.5', 'key')).toBe("TIMESTAMP'2024-02-29 12:00:00.5'");
    expect(literal(spans, '-838:59:59', 'key')).toBe("TIME'-838:59:59'");
  });

  test('of a label or of labels is a number', () => {
    expect([literal(words, '7'), literal(words, '')]).toEqual(['2', '3']);
    const placed: Given = { ...words, format: { kind: 'enum', labels: ['', 'a'] } };
    expect([literal(placed, '1'), literal(placed, '2')]).toEqual(['3', '1']);
    expect([literal(sets, 'a,é'), literal(sets, ''), literal(sets, '7')]).toEqual(['5', '0', '2']);
  });

  test('of bits and of a uuid in bytes is what the column holds', () => {
    const bits: Given = { format: { kind: 'bits', length: 64 }, type: { kind: 'bits', length: 64 }, native: 'bit(64)' };
    expect(literal(bits, Buffer.alloc(8, 0xff))).toBe('18446744073709551615');
    const flag: Given = { format: { kind: 'integer' }, type: { kind: 'bits', length: 1 }, native: 'bit(1)' };
    expect(literal(flag, '1')).toBe('1');
    const uuid: Given = {
      format: { kind: 'uuid' },
      type: { kind: 'bytes', length: 16, fixed: true },
      native: 'binary(16)',
    };
    expect(literal(uuid, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')).toBe("X'a0eebc999c0b4ef8bb6d6bb9bd380a11'");
  });

  test('for NULL is a zero date where nothing else can have become it', () => {
    const nothing = (given: Given): string => spelled((out) => writerOf(given).nothing(out));
    const policies = { zeroDates: 'null', nulCharacters: 'reject', invalidEnums: 'reject' } as const;
    expect(nothing({ ...dates, rest: { nullable: true, policies } })).toBe('NULL');
    expect(nothing({ ...dates, rest: { nullable: false, policies } })).toBe("'0000-00-00'");
    expect(nothing({ ...moments, rest: { nullable: false, policies } })).toBe("'0000-00-00 00:00:00'");
    expect(() => nothing({ ...dates, rest: { nullable: false } })).toThrow(RejectedValue);
    expect(() => nothing({ ...integers, rest: { nullable: false, policies } })).toThrow(RejectedValue);
  });

  const REFUSED: readonly [string, Given, readonly string[], readonly string[]][] = [
    [
      'a decimal that would be rounded',
      decimals,
      ['1.239', '-0.001', 'NaN', 'Infinity'],
      ['1.23', '1.2300', '100', '-0.10'],
    ],
    ['an integer with decimals', { ...integers, format: { kind: 'decimal' } }, ['1.5'], ['1', '1.00', '-20']],
    [
      'a double that a float rounds',
      floats,
      ['0.1', '16777217', 'NaN', '-Infinity'],
      ['0.5', '0.10000000149011612', '-0'],
    ],
    ['a double that is rounded to decimals', { ...doubles, native: 'double(8,2)' }, ['1.005', '1.239'], ['1.25', '3']],
    ['a space that CHAR forgets', chars, ['a '], ['', 'a', ' a']],
    ['a label that is none', words, ['b', '1', 'A'], ['a']],
    ['labels that are none', sets, ['b', '1', '3', 'a,b', '{a,NULL}'], ['é,a']],
    [
      'a moment that would be rounded',
      moments,
      ['2024-01-01 00:00:00.0001', 'infinity', '10000-01-01 00:00:00'],
      ['2024-01-01 00:00:00.100000'],
    ],
    ['a date that is none', dates, ['infinity', '0044-03-15 BC', '10000-01-01'], ['0001-01-01']],
    ['a span with months, or decimals', spans, ['1 mon', '00:00:00.1'], ['00:00:00', '24:00:00', '00:00:01.000']],
    ['a year that is read as another', years, ['1', '99', '70', '1900', '2156'], ['0', '1901', '2155']],
    [
      'bytes that would be filled up',
      { format: { kind: 'bytes' }, type: { kind: 'bytes', length: 4, fixed: true }, native: 'binary(4)' },
      ['abc', ''],
      ['abcd'],
    ],
    [
      'a JSON number that is kept nowhere',
      documents,
      ['1e999', `0.${'1'.repeat(31)}`, '1'.repeat(66)],
      ['1.5', '1.50', '1'.repeat(65)],
    ],
  ];
  test.each(REFUSED)('refuses %s', (_, given, refused, taken) => {
    for (const cell of refused) expect(() => literal(given, cell)).toThrow(RejectedValue);
    for (const cell of taken) expect(literal(given, cell)).not.toBe('');
  });
});

describe('a number of JSON', () => {
  test('is an integer of 64 bits, or the shortest spelling of a double, where it can be', () => {
    const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
    fc.assert(fc.property(doubles, (value) => /integer|double/.test(jsonNumber(String(value)))));
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) =>
        /integer|double/.test(jsonNumber(String(value))),
      ),
    );
    expect(jsonNumber(`1${'0'.repeat(300)}`)).toBe('double');
  });

  test('is a decimal where a double would have other digits', () => {
    for (const number of ['1.10', '0.10', '12345678901234567890.0001', '18446744073709551617', '-0.00']) {
      expect([number, jsonNumber(number)]).toEqual([number, 'decimal']);
    }
  });

  test('is put into its place', () => {
    expect(literal(documents, '{"a\\"b": [1, {"ü": 1.10}, 2.50], "n": 1.5}')).toBe(
      `JSON_REPLACE('{"a\\\\"b": [1, {"ü": 0}, 0], "n": 1.5}','$."a\\\\"b"[1]."ü"',1.10,'$."a\\\\"b"[2]',2.50)`,
    );
    const inexact: Given = { ...documents, dialect: { flavour: 'mysql', readsJsonDoubles: false } };
    expect(literal(inexact, '[1, 1.5, 1e-7]')).toBe(`JSON_REPLACE('[1, 0, 0]','$[1]',1.5e0,'$[2]',1e-7)`);
    expect(literal({ ...documents, dialect: { flavour: 'mariadb', readsJsonDoubles: true } }, '1.10')).toBe("'1.10'");
    expect(literal(documents, '1.10')).toBe("JSON_REPLACE('0','$',1.10)");
    expect(literal(documents, '["1.10", true, -5]')).toBe(`'["1.10", true, -5]'`);
  });
});
