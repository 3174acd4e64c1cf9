import { column, ID, table } from './build';
import { fromDefault, NULL, numbered, same } from './cells';
import type { Cell, CorpusTable } from './types';

const LONG = '99999999999999999223372036854775807.121111111111111345334523423220';
const SMALL = `0.${'0'.repeat(29)}1`;
const LARGEST = `${'9'.repeat(35)}.${'9'.repeat(30)}`;

/** A number whose exponent is spelled differently, or which the source has rounded. */
function number(literal: string, expected: string): Cell {
  return [literal, expected];
}

/** B1 to B7: exact and approximate numbers. */
export function numberTables(): CorpusTable[] {
  return [
    table({
      name: 'b_decimals',
      covers: ['B1', 'B2', 'B3', 'B4'],
      columns: [
        ID,
        column('widest', 'decimal(65,30)', 'numeric(65,30)'),
        column('plain', 'decimal', 'numeric(10,0)'),
        column('long', 'decimal(60,3)', 'numeric(60,3)'),
        column('usual', "decimal(18,6) NOT NULL DEFAULT '0.100000'", 'numeric(18,6)', { byDefault: '0.100000' }),
        column('money', 'numeric(12,2) unsigned', 'numeric(12,2)'),
        column('fraction', 'decimal(30,30)', 'numeric(30,30)'),
        column('padded', 'decimal(6,2) zerofill', 'numeric(6,2)'),
      ],
      rows: numbered([
        [
          same(LONG),
          same(1234567890),
          same('780780780.780'),
          same('123456789012.345678'),
          same('9999999999.99'),
          same(SMALL),
          number('1.5', '1.50'),
        ],
        [
          same(`-${LONG}`),
          same(-1234567890),
          same('-0.001'),
          fromDefault('0.100000'),
          number('0', '0.00'),
          same(`-0.${'9'.repeat(30)}`),
          number('42', '42.00'),
        ],
        [
          same(LARGEST),
          same(0),
          same(`${'9'.repeat(57)}.999`),
          number('-0.1', '-0.100000'),
          NULL,
          number('0', `0.${'0'.repeat(30)}`),
          NULL,
        ],
        [number(SMALL, SMALL), NULL, NULL, number('0', '0.000000'), same('0.01'), NULL, number('9999.99', '9999.99')],
        [NULL, NULL, number('10', '10.000'), number('1e3', '1000.000000'), same('100.00'), NULL, NULL],
      ]),
    }),
    table({
      name: 'b_floats',
      covers: ['B5', 'B6', 'B7'],
      columns: [
        ID,
        column('single', 'float', 'real'),
        column('rounded', 'float(10,2)', 'real'),
        column('f24', 'float(24)', 'real'),
        column('f25', 'float(25)', 'double precision'),
        column('f53', 'float(53)', 'double precision'),
      ],
      rows: numbered([
        [same('12345.5'), number('12345.678', '12345.68'), same('0.1'), same('0.1'), same('0.1')],
        [
          same('1.41421'),
          number('0.125', '0.12'),
          number('16777217', '1.6777216e+07'),
          same('16777217'),
          same('16777217'),
        ],
        [same('0.1'), same('-1.5'), number('123456.789', '123456.79'), same('123456.789'), number('1e300', '1e+300')],
        [
          number('3.4028234663852886e38', '3.4028235e+38'),
          NULL,
          number('-1e-30', '-1e-30'),
          number('-1e-300', '-1e-300'),
          NULL,
        ],
        [
          number('1.17549435e-38', '1.1754944e-38'),
          NULL,
          number('0.3', '0.3'),
          number('1e15', '1e+15'),
          number('123456789012345', '123456789012345'),
        ],
        [
          number('1.4e-45', '1e-45'),
          number('0', '0'),
          number('8388609', '8.388609e+06'),
          NULL,
          number('0.30000000000000004', '0.30000000000000004'),
        ],
        [number('33554433', '3.3554432e+07'), NULL, number('999999.9', '999999.9'), NULL, NULL],
        [NULL, NULL, NULL, NULL, NULL],
      ]),
    }),
    table({
      name: 'b_doubles',
      covers: ['B6', 'B7'],
      columns: [
        ID,
        column('plain', 'double', 'double precision'),
        column('positive', "double unsigned NOT NULL DEFAULT '2.5'", 'double precision', { byDefault: '2.5' }),
        column('real_one', 'real', 'double precision'),
        column('rounded', 'double(10,3)', 'double precision'),
      ],
      rows: numbered([
        [
          number('1.7976931348623157e308', '1.7976931348623157e+308'),
          number('1e-7', '1e-07'),
          same('0.1'),
          number('1234567.8909', '1234567.891'),
        ],
        [
          number('-1.7976931348623157e308', '-1.7976931348623157e+308'),
          fromDefault('2.5'),
          number('100000', '100000'),
          same('0.5'),
        ],
        [
          number('5e-324', '5e-324'),
          number('4503599627370495.5', '4.5035996273704955e+15'),
          number('1e21', '1e+21'),
          number('9999999.999', '9999999.999'),
        ],
        [
          number('2.2250738585072014e-308', '2.2250738585072014e-308'),
          number('9007199254740993', '9.007199254740992e+15'),
          same('0.0001'),
          NULL,
        ],
        [number('0', '0'), same('0.30000000000000004'), number('1e-5', '1e-05'), NULL],
        [NULL, number('3.141592653589793', '3.141592653589793'), NULL, NULL],
      ]),
    }),
  ];
}
