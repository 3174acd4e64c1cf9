import { RejectedValue } from '../../engines/engine';
import { encodeCell, encoderOf, type ColumnOf } from '../helpers/encodeCell';
import { TEXT, decimal, integer, text, type Cell } from '../helpers/targetRows';
import { thrownBy } from '../helpers/thrown';
import { canEncode } from '../../engines/postgres/encode';

const int8: ColumnOf = { cell: { kind: 'integer' }, type: integer(64), native: 'bigint' };
const date: ColumnOf = { cell: { kind: 'date' }, type: { kind: 'date' }, native: 'date' };
const plainText: ColumnOf = { cell: TEXT, type: text(), native: 'text' };
const double: ColumnOf = { cell: { kind: 'double' }, type: { kind: 'double' }, native: 'double precision' };
const timestamp = (precision: number): ColumnOf => ({
  cell: { kind: 'timestamp' },
  type: { kind: 'timestamp', precision, zoned: false },
  native: `timestamp(${precision})`,
});
const time: ColumnOf = { cell: { kind: 'time' }, type: { kind: 'time', precision: 0 }, native: 'time(0)' };
const MOOD: ColumnOf = {
  cell: { kind: 'enum', labels: ['ab'] },
  type: { kind: 'enum', labels: ['ab'] },
  native: 'mood',
};
const UNREAD: ColumnOf = { ...MOOD, cell: { kind: 'enum', labels: ['ab', '?'], unread: [2] } };
const textIn = (charset: string): ColumnOf => ({ cell: { kind: 'text', charset }, type: text(), native: 'text' });

const REFUSED: readonly (readonly [string, ColumnOf, NonNullable<Cell>, RegExp])[] = [
  [
    'beyond smallint',
    { cell: { kind: 'integer' }, type: integer(16), native: 'smallint' },
    '32768',
    /does not fit smallint/,
  ],
  [
    'beyond integer',
    { cell: { kind: 'integer' }, type: integer(32), native: 'integer' },
    '-2147483649',
    /does not fit integer/,
  ],
  ['a label that the source could not show', UNREAD, '2', /label 2 of the enum as "\?", .* no row had it/],
  ['beyond bigint', int8, '9223372036854775808', /does not fit bigint/],
  ['below bigint', int8, '-9223372036854775809', /does not fit bigint/],
  ['of 20 digits', int8, '18446744073709551615', /does not fit bigint/],
  [
    '2, which is no boolean',
    { cell: { kind: 'integer' }, type: { kind: 'boolean' }, native: 'boolean' },
    '2',
    /neither 0 nor 1/,
  ],
  [
    '-1, which is no boolean',
    { cell: { kind: 'integer' }, type: { kind: 'boolean' }, native: 'boolean' },
    '-1',
    /neither 0 nor 1/,
  ],
  [
    'with more places than the column',
    { cell: { kind: 'decimal' }, type: decimal(10, 2), native: 'numeric(10,2)' },
    '1.005',
    /more than 2 decimal places/,
  ],
  [
    'with places, for an integer',
    { cell: { kind: 'decimal' }, type: integer(32), native: 'integer' },
    '1.5',
    /not a whole one/,
  ],
  [
    'that real would round',
    { cell: { kind: 'double' }, type: { kind: 'real' }, native: 'real' },
    '0.1',
    /without rounding/,
  ],
  [
    'with more digits than a double keeps',
    { cell: { kind: 'decimal' }, type: { kind: 'double' }, native: 'double precision' },
    '1234567890123456.7',
    /more than the 15 digits/,
  ],
  ['larger than any double', double, '1e400', /larger than a double/],
  ['longer than the column', { cell: TEXT, type: text(3), native: 'varchar(3)' }, 'жжжж', /longer than 3 characters/],
  [
    'longer by spaces, which the server would cut off',
    { cell: TEXT, type: text(3), native: 'varchar(3)' },
    'abc  ',
    /longer than 3 characters/,
  ],
  ['with the character NUL', plainText, 'a\0b', /character NUL/],
  ['long, with the character NUL', plainText, `${'x'.repeat(400)}\0`, /character NUL/],
  ['that is no UTF-8', plainText, Buffer.from([0xc3, 0x28]), /not valid in its character set/],
  ['with half of a surrogate pair', plainText, Buffer.from([0xed, 0xa0, 0x80]), /not valid in its character set/],
  ['with an overlong form', plainText, Buffer.from([0xc0, 0xaf, 0x61, 0x62]), /not valid in its character set/],
  ['with a byte ascii does not have', textIn('ascii'), Buffer.from([0x80]), /not valid in its character set ascii/],
  ['with half a character of gbk', textIn('gbk'), Buffer.from([0x61, 0xc4]), /not valid in its character set gbk/],
  ['with half a unit of utf16', textIn('utf16'), Buffer.from([0, 0x61, 0]), /not valid in its character set utf16/],
  [
    'with a lone surrogate of utf16',
    textIn('utf16'),
    Buffer.from([0xd8, 0, 0, 0x61]),
    /not valid in its character set utf16/,
  ],
  ['with NUL in utf16', textIn('utf16'), Buffer.from([0, 0]), /character NUL/],
  ['an enum’s error value', MOOD, '0', /error value/],
  ['an enum’s error value, as text', { ...MOOD, type: text(), native: 'text' }, '0', /error value/],
  ['an enum’s label that no one listed', MOOD, '2', /not the number of one of 1 labels/],
  ['an enum’s label too long', { ...MOOD, type: text(1), native: 'varchar(1)' }, '1', /longer than 1 characters/],
  [
    'a set with a member unknown',
    { cell: TEXT, type: { kind: 'set', labels: ['a'] }, native: 'text[]' },
    'a,b',
    /member its type does not list/,
  ],
  [
    'JSON with the escape of NUL',
    { cell: { kind: 'json' }, type: { kind: 'json' }, native: 'jsonb' },
    '{"a":"\\u0000"}',
    /character NUL/,
  ],
  [
    'JSON with that escape behind an escaped backslash',
    { cell: { kind: 'json' }, type: { kind: 'json' }, native: 'jsonb' },
    '"\\\\\\u0000"',
    /character NUL/,
  ],
  ['a zero date', date, '0000-00-00', /zero year, month or day/],
  ['a partial date', date, '2000-01-00', /zero year, month or day/],
  ['a day no month has', date, '2021-02-29', /in no calendar/],
  ['a month no year has', date, '2021-13-01', /in no calendar/],
  ['a leap day of 1900', date, '1900-02-29', /in no calendar/],
  ['a zero timestamp', timestamp(0), '0000-00-00 00:00:00', /zero year, month or day/],
  ['a finer time than the column', timestamp(3), '2020-01-01 00:00:00.0001', /more fractional digits/],
  [
    'a timestamp for a date',
    { ...timestamp(0), type: { kind: 'date' }, native: 'date' },
    '2020-01-01 00:00:01',
    /not at midnight/,
  ],
  ['a time before midnight', time, '-00:00:01', /not within 00:00:00 and 24:00:00/],
  ['a time beyond the day', time, '24:00:01', /not within 00:00:00 and 24:00:00/],
  [
    '15 bytes for a UUID',
    { cell: { kind: 'bytes' }, type: { kind: 'uuid' }, native: 'uuid' },
    Buffer.alloc(15),
    /16 bytes/,
  ],
  [
    '5 bytes for an address',
    { cell: { kind: 'bytes' }, type: { kind: 'inet', version: 4 }, native: 'inet' },
    Buffer.alloc(5),
    /4 or 16 bytes/,
  ],
];

test.each(REFUSED)('a value is refused, never squeezed: %s', (_, column, cell, reason) => {
  expect(() => encodeCell(column, cell)).toThrow(RejectedValue);
  expect(() => encodeCell(column, cell)).toThrow(reason);
});

const MALFORMED: readonly (readonly [ColumnOf, NonNullable<Cell>])[] = [
  ...['', '-', '1 ', '+1', '0x1', '1.0', '--1', '12345678901234567x'].map((cell) => [int8, cell] as const),
  ...['', '.', '1.2.3', '1e5', 'NaN'].map(
    (cell) => [{ cell: { kind: 'decimal' }, type: decimal(9, 2), native: 'numeric(9,2)' }, cell] as const,
  ),
  ...['', '-', '.', '1..2', 'inf', '0x1p3', ' 1', '1e', 'Infinity'].map((cell) => [double, cell] as const),
  ...['', '2020-1-1', '2020/01/01', '20200101xx', 'infinity  '].map((cell) => [date, cell] as const),
  ...['2020-01-01', '2020-01-01 24:00:00', '2020-01-01 00:60:00', '2020-01-01 00:00:00.', '2020-01-01 00:00:00,5'].map(
    (cell) => [timestamp(6), cell] as const,
  ),
  ...['', '1:2', '00:00', '00:61:00', 'aa:00:00'].map((cell) => [time, cell] as const),
  ...[
    'a3cda7d5-00a6-4111-8146-59127a8d5e4',
    'a3cda7d5x00a6-4111-8146-59127a8d5e42',
    'g3cda7d5-00a6-4111-8146-59127a8d5e42',
  ].map((cell) => [{ cell: { kind: 'uuid' }, type: { kind: 'uuid' }, native: 'uuid' }, cell] as const),
  ...['', '1.2.3', '1.2.3.256', 'fe80::1%eth0', '1.2.3.4/32'].map(
    (cell) => [{ cell: { kind: 'inet' }, type: { kind: 'inet', version: 4 }, native: 'inet' }, cell] as const,
  ),
];

test.each(MALFORMED.map(([column, cell]) => [column.native, JSON.stringify(cell), column, cell] as const))(
  'what is no %s is not read as one: %s',
  (_native, _cell, column, cell) => {
    expect(() => encodeCell(column, cell)).toThrow(RejectedValue);
  },
);

test.each([
  ['a character set nobody knows', textIn('klingon')],
  ['binary, which is no text', textIn('binary')],
  [
    'bits for text that has fewer',
    { cell: { kind: 'bits', length: 9 }, type: { kind: 'bits', length: 8 }, native: 'bit(8)' },
  ],
  ['text for a number', { cell: TEXT, type: integer(32), native: 'integer' }],
  ['a type without a form here', { cell: TEXT, type: text(), native: 'tsvector' }],
] satisfies [string, ColumnOf][])('a mapping without an encoder is refused before a row is read: %s', (_, column) => {
  const error = thrownBy(() => encoderOf(column));
  expect(error.code).toBe('MAPPING_INVALID');
  expect(error.message).toContain('t.v');
});

test('the planner can ask which pairs have an encoder', () => {
  expect(canEncode({ kind: 'integer' }, { kind: 'boolean' })).toBe(true);
  expect(canEncode({ kind: 'bytes' }, { kind: 'uuid' })).toBe(true);
  expect(canEncode(TEXT, { kind: 'json' })).toBe(true);
  expect(canEncode({ kind: 'bits', length: 3 }, { kind: 'boolean' })).toBe(false);
  expect(canEncode({ kind: 'date' }, { kind: 'integer', bits: 32, unsigned: false })).toBe(false);
  expect(canEncode(TEXT, { kind: 'unsupported', reason: 'x' })).toBe(false);
});
