import fc from 'fast-check';
import type { CanonicalType } from '../../domain/canonicalType';
import { meaningOf } from '../../domain/canonicalText';
import { jsonMeaning } from '../../domain/jsonMeaning';
import type { PlannedColumn } from '../../domain/plan';
import { column } from '../helpers/catalogs';

function planned(type: CanonicalType): PlannedColumn {
  return {
    source: column('c', type.kind, type),
    targetName: 'c',
    type,
    mappedType: null,
    nullable: true,
    policies: { zeroDates: 'reject', nulCharacters: 'reject', invalidEnums: 'reject' },
  };
}

const meaning = (type: CanonicalType, text: string): string => meaningOf(planned(type), text);
const same = (type: CanonicalType, ...texts: string[]): void =>
  expect(new Set(texts.map((text) => meaning(type, text))).size).toBe(1);
const unlike = (type: CanonicalType, ...texts: string[]): void =>
  expect(new Set(texts.map((text) => meaning(type, text))).size).toBe(texts.length);

const DECIMAL: CanonicalType = { kind: 'decimal', precision: 65, scale: 30 };
const DOUBLE: CanonicalType = { kind: 'double' };
const TIMESTAMP: CanonicalType = { kind: 'timestamp', precision: 6, zoned: false };
const INTERVAL: CanonicalType = { kind: 'interval', precision: 6 };

describe('canonical text by meaning', () => {
  test('a decimal keeps every digit, and none of its idle zeros', () => {
    same(DECIMAL, '1.50', '1.5', '01.500');
    same(DECIMAL, '0', '0.00', '-0', '-0.0');
    unlike(
      DECIMAL,
      '9007199254740993',
      '9007199254740992',
      '-9007199254740993',
      '900719925474099.3',
      '10',
      '100',
      '1',
      '0.1',
    );
    unlike(DECIMAL, 'NaN', 'Infinity', '-Infinity', '0');
  });

  test('a double is its bits, however it is spelt', () => {
    same(DOUBLE, '1e23', '1e+23', '99999999999999990000000', '9.999999999999999e22');
    unlike(DOUBLE, '0', '-0', '5e-324', '0.1', '0.10000000000000002', 'NaN', 'Infinity', '1e15', '1000000000000000.1');
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const spelt = Object.is(value, -0) ? '-0' : String(value);
        same(DOUBLE, spelt, Object.is(value, -0) ? '-0.0' : value.toExponential());
      }),
    );
  });

  test('two doubles that are not the same bits are never the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const spelt = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));
        expect(meaning(DOUBLE, spelt(a)) === meaning(DOUBLE, spelt(b))).toBe(Object.is(a, b));
      }),
    );
  });

  test('a fraction of a second means the same with and without zeros at its end', () => {
    same(TIMESTAMP, '2024-01-01 00:00:00.120000', '2024-01-01 00:00:00.12', '2024-01-01 00:00:00.120');
    same(TIMESTAMP, '2024-01-01 00:00:10.000', '2024-01-01 00:00:10');
    unlike(
      TIMESTAMP,
      '2024-01-01 00:00:10',
      '2024-01-01 00:00:01',
      '2024-01-01 00:00:10.000001',
      '2024-01-01 00:00:10.1',
    );
  });

  test('a span of time means the same in days and in hours', () => {
    same(INTERVAL, '838:59:59', '34 days 22:59:59', '838:59:59.000000');
    same(INTERVAL, '-25:00:00', '-1 days -01:00:00', '-1 day -1:00:00'.replace('-1:', '-01:'));
    same(INTERVAL, '24:00:00', '1 day');
    unlike(INTERVAL, '00:00:00', '00:00:00.000001', '-00:00:00.000001', '1 mon', '00:00:01', '00:01:00');
  });

  test('text, bytes and labels mean exactly what they say', () => {
    for (const type of [
      { kind: 'text', length: null },
      { kind: 'bytes', length: null, fixed: false },
      { kind: 'date' },
    ] as const) {
      unlike(type, '', ' ', 'a', 'a ', 'A', '1', '1.0', '01');
    }
  });
});

/** JSON texts of one value, with members, spaces, digits and escapes in another guise each time. */
const spelling: fc.Arbitrary<{ value: fc.JsonValue; seeds: number[] }> = fc.record({
  value: fc.jsonValue({ maxDepth: 3 }),
  seeds: fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 }),
});

function disguise(value: fc.JsonValue, next: () => number): string {
  const space = (): string => ['', ' ', '\n', '\t  '][next() % 4]!;
  if (typeof value === 'number') {
    const text = Object.is(value, -0) ? '0' : String(value);
    return [
      text,
      value === 0 ? '0.000' : value.toExponential(),
      value === 0 ? '-0' : value.toExponential().toUpperCase(),
    ][next() % 3]!;
  }
  if (typeof value === 'string') return disguiseString(value, next);
  if (Array.isArray(value)) return `[${value.map((item) => space() + disguise(item, next) + space()).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) =>
      `${space()}${disguiseString(name, next)}${space()}:${space()}${disguise(member as fc.JsonValue, next)}${space()}`,
  );
  return `{${(next() % 2 === 0 ? members : members.reverse()).join()}}`;
}

function disguiseString(text: string, next: () => number): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return next() % 2 === 0 ? JSON.stringify(text) : `"${text.split('').map(escaped).join('')}"`;
}

describe('JSON by meaning', () => {
  const read = (text: string): string => jsonMeaning(text, false);

  test('spaces, order, escapes and ways of writing a number do not matter', () => {
    fc.assert(
      fc.property(spelling, ({ value, seeds }) => {
        let at = 0;
        const next = (): number => seeds[at++ % seeds.length]!;
        expect(read(disguise(value, next))).toBe(read(JSON.stringify(value)));
      }),
    );
  });

  test('different values are told apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        // JSON knows no negative zero, and neither does the comparison.
        const plain = (value: unknown): string => JSON.stringify(value, (_, item: unknown) => (item === 0 ? 0 : item));
        const sorted = (text: string): string => plain(sortMembers(JSON.parse(text)));
        expect(read(JSON.stringify(a)) === read(JSON.stringify(b))).toBe(sorted(plain(a)) === sorted(plain(b)));
      }),
    );
  });

  test('numbers are exact, whatever a double would make of them', () => {
    expect(read('9007199254740993')).not.toBe(read('9007199254740992'));
    expect(read('0.1')).not.toBe(read('0.10000000000000000001'));
    expect(read('1e400')).not.toBe(read('1e401'));
    expect(read('123456789012345678901234567890.10')).toBe(read('1234567890123456789012345678901e-1'));
    expect(read('-0.0')).toBe(read('0'));
    expect(read('100')).toBe(read('1.00e2'));
    expect(read('1E+2')).toBe(read('100'));
  });

  test('the last of two members of one name counts, however the name is written', () => {
    expect(read('{"a": 1, "\\u0061": 2}')).toBe(read('{"a": 2}'));
    expect(read('{"a": 1, "a": 2}')).not.toBe(read('{"a": 1}'));
  });

  test('kinds of values are not mixed up', () => {
    const texts = [
      'null',
      '"null"',
      'true',
      '"true"',
      '1',
      '"1"',
      '[]',
      '{}',
      '[1]',
      '[[1]]',
      '""',
      '{"a": null}',
      '[null]',
      '["a"]',
      '"e1"',
      '[1, 2]',
      '[12]',
    ];
    expect(new Set(texts.map(read)).size).toBe(texts.length);
  });

  test('the character NUL is left out where the policy says so, and nowhere else', () => {
    expect(jsonMeaning('{"a\\u0000": "\\u0000b"}', true)).toBe(read('{"a": "b"}'));
    expect(jsonMeaning('{"a\\u0000": "\\u0000b"}', false)).not.toBe(read('{"a": "b"}'));
    expect(jsonMeaning('"\\\\u0000"', true)).toBe(read('"\\\\u0000"'));
  });

  test('what is no JSON equals itself only', () => {
    const broken = [
      '',
      ' ',
      '{',
      '{"a" 1}',
      '[1,]',
      '01',
      '+1',
      '.5',
      '1.',
      'nul',
      '"a',
      '"\\x"',
      '{"a":1}}',
      "{'a': 1}",
      '[1 2]',
      'NaN',
      '{"a":1,}',
      '{,}',
    ];
    expect(new Set([...broken, '{"a": 1}', '1', '[1]'].map(read)).size).toBe(broken.length + 3);
  });
});

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...value.map(sortMembers)];
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return ['object', ...members.map(([name, member]) => [name, sortMembers(member)])];
}
