import type { TypeCorpus } from './corpus';
import { same } from './literals';

const INTEGERS: TypeCorpus[] = [
  { name: 'tinyint', type: 'tinyint', values: same('-128', '127', '0'), damages: { 0: ['-127', '128'], 2: ['1'] } },
  { name: 'tinyint_u', type: 'tinyint unsigned', values: same('255'), damages: { 0: ['-255', '254'] } },
  { name: 'smallint_u', type: 'smallint unsigned', values: same('65535', '0'), damages: { 0: ['65534'] } },
  { name: 'mediumint', type: 'mediumint', values: same('-8388608', '8388607'), damages: { 0: ['8388608'] } },
  { name: 'int_u', type: 'int unsigned', values: same('4294967295'), damages: { 0: ['-1', '429496729'] } },
  {
    name: 'bigint',
    type: 'bigint',
    values: same('-9223372036854775808', '9223372036854775807', '9007199254740993'),
    damages: { 0: ['-9223372036854775807'], 2: ['9007199254740992'] },
  },
  {
    name: 'bigint_u',
    type: 'bigint unsigned',
    values: same('18446744073709551615'),
    damages: { 0: ['18446744073709551614'] },
  },
  { name: 'zerofill', type: 'int(5) zerofill', values: same('42', '0'), damages: { 0: ['420', '4'] } },
  {
    name: 'booleans',
    type: 'tinyint(1)',
    values: [
      ['0', 'false'],
      ['1', 'true'],
    ],
    damages: { 0: ['true'], 1: ['false'] },
  },
  { name: 'tiny1', type: 'tinyint(1)', values: same('0', '1', '2', '-1'), damages: { 2: ['1'], 3: ['1'] } },
  {
    name: 'year',
    type: 'year',
    values: [
      ['0', '0'],
      ['1901', '1901'],
      ['2155', '2155'],
    ],
    damages: { 1: ['1900'], 0: ['2000'] },
  },
  {
    name: 'bit1',
    type: 'bit(1)',
    values: [
      ["b'0'", 'false'],
      ["b'1'", 'true'],
    ],
    damages: { 0: ['true'] },
  },
  {
    name: 'bit12',
    type: 'bit(12)',
    values: same("b'000000000101'", "b'111111111111'"),
    damages: { 0: ["b'000000000100'", "b'000000001010'"] },
  },
  {
    name: 'bit64',
    type: 'bit(64)',
    values: same(`b'${'1'.repeat(64)}'`, `b'${'10'.repeat(32)}'`),
    damages: { 0: [`b'${'1'.repeat(63)}0'`], 1: [`b'${'01'.repeat(32)}'`] },
  },
];

const DECIMALS: TypeCorpus[] = [
  {
    name: 'decimal65',
    type: 'decimal(65,30)',
    values: same(
      '99999999999999999223372036854775807.121111111111111345334523423220',
      '-0.000000000000000000000000000001',
      '0',
    ),
    damages: {
      0: ['99999999999999999223372036854775807.121111111111111345334523423221'],
      1: ['0', '0.000000000000000000000000000001'],
    },
  },
  {
    name: 'decimal10',
    type: 'decimal(10,2)',
    values: same('-0.01', '0.00', '12345678.90', '-99999999.99'),
    damages: { 0: ['0.01', '0'], 2: ['12345678.91', '1234567.89'] },
  },
  {
    name: 'decimal_integer',
    type: 'decimal(20,0)',
    values: same('12345678901234567890', '0'),
    damages: { 0: ['12345678901234567891'] },
  },
];

/** Doubles as both servers read them from the same digits. */
const DOUBLE_DIGITS = [
  ...[
    '0',
    '1',
    '-1',
    '0.1',
    '0.3333333333333333',
    '0.30000000000000004',
    '123456789012345.6',
    '1e14',
    '999999999999999',
    '1e15',
    '1e16',
  ],
  ...[
    '1.2345678901234567e16',
    '1e22',
    '1e23',
    '1.7976931348623157e308',
    '-1.7976931348623157e308',
    '5e-324',
    '2.2250738585072014e-308',
  ],
  ...[
    '0.0001',
    '0.000099',
    '1e-5',
    '1e-10',
    '1e-15',
    '9.9e-16',
    '1e-16',
    '-1.5e-20',
    '1.2345678901234566e-7',
    '0.000012345678901234568',
    '1e-100',
  ],
];

const FLOATS: TypeCorpus[] = [
  {
    name: 'double',
    type: 'double',
    values: DOUBLE_DIGITS.map((digits) => [`${digits}${digits.includes('e') ? '' : 'e0'}`, `'${digits}'`]),
    byMeaning: [13],
    damages: {
      3: ["'0.10000000000000002'", "'-0.1'"],
      0: ["'-0'", "'5e-324'"],
      16: ["'0'", "'1e-323'"],
      26: ["'1.2345678901234569e-7'"],
      9: ["'1000000000000000.1'", "'Infinity'", "'NaN'"],
    },
  },
  { name: 'double_negative_zero', type: 'double', only: 'mysql', values: [['-0e0', "'-0'"]], damages: { 0: ["'0'"] } },
  {
    name: 'double_m_d',
    type: 'double(10,2)',
    values: same('1.50', '0.07', '-12345.60'),
    damages: { 0: ["'1.5000000000000002'"] },
  },
  {
    name: 'float',
    type: 'float',
    values: ['0.1', '12345.5', '1.41421', '3.4028234e38', '1e-45', '16777217', '-0.1', '123456.79', '1e-7'].map(
      (digits) => [digits, `'${digits}'`],
    ),
    damages: { 0: ["'0.100000009'", "'0.099999994'"], 3: ["'3.4028233e38'"], 4: ["'0'"], 7: ["'123456.8'"] },
  },
];

export const NUMBERS: readonly TypeCorpus[] = [...INTEGERS, ...DECIMALS, ...FLOATS];
