import { encodeCell, type ColumnOf } from '../helpers/encodeCell';
import { TEXT, decimal, integer, text, type Cell } from '../helpers/targetRows';

const GOLDEN: readonly (readonly [title: string, column: ColumnOf, cell: NonNullable<Cell>, field: string])[] = [
  ['smallint', { cell: { kind: 'integer' }, type: integer(16), native: 'smallint' }, '-2', '00000002fffe'],
  ['integer', { cell: { kind: 'integer' }, type: integer(32), native: 'integer' }, '305419896', '0000000412345678'],
  [
    'bigint',
    { cell: { kind: 'integer' }, type: integer(64), native: 'bigint' },
    '-9223372036854775807',
    '000000088000000000000001',
  ],
  [
    'numeric, in digits of base 10,000',
    { cell: { kind: 'decimal' }, type: decimal(12, 3), native: 'numeric(12,3)' },
    '-12345.678',
    '0000000e0003000140000003000109291a7c',
  ],
  [
    'double precision',
    { cell: { kind: 'double' }, type: { kind: 'double' }, native: 'double precision' },
    '-1.5',
    '00000008bff8000000000000',
  ],
  ['real', { cell: { kind: 'double' }, type: { kind: 'real' }, native: 'real' }, '0.5', '000000043f000000'],
  ['boolean', { cell: { kind: 'integer' }, type: { kind: 'boolean' }, native: 'boolean' }, '1', '0000000101'],
  [
    'bit(9), left-aligned',
    { cell: { kind: 'bits', length: 9 }, type: { kind: 'bits', length: 9 }, native: 'bit(9)' },
    Buffer.from([1, 1]),
    '00000006000000098080',
  ],
  [
    'text from latin1',
    { cell: { kind: 'text', charset: 'latin1' }, type: text(), native: 'text' },
    Buffer.from([0x80, 0xe9, 0x81]),
    '00000007e282acc3a9c281',
  ],
  [
    'date, in days from 2000',
    { cell: { kind: 'date' }, type: { kind: 'date' }, native: 'date' },
    '1999-12-31',
    '00000004ffffffff',
  ],
  [
    'timestamp, in microseconds from 2000',
    { cell: { kind: 'timestamp' }, type: { kind: 'timestamp', precision: 6, zoned: false }, native: 'timestamp(6)' },
    '1999-12-31 23:59:59.999998',
    '00000008fffffffffffffffe',
  ],
  [
    'interval, all in microseconds',
    { cell: { kind: 'time' }, type: { kind: 'interval', precision: 0 }, native: 'interval(0)' },
    '-00:00:01',
    '00000010fffffffffff0bdc00000000000000000',
  ],
  [
    'text[] from a set',
    { cell: TEXT, type: { kind: 'set', labels: ['a', 'bc'] }, native: 'text[]' },
    'a,bc',
    '0000001f' + '00000001' + '00000000' + '00000019' + '00000002' + '00000001' + '0000000161' + '000000026263',
  ],
  ['jsonb', { cell: { kind: 'json' }, type: { kind: 'json' }, native: 'jsonb' }, '[1]', '00000004015b315d'],
  [
    'inet',
    { cell: { kind: 'inet' }, type: { kind: 'inet', version: 4 }, native: 'inet' },
    '10.1.2.3',
    '00000008022000040a010203',
  ],
];

test.each(GOLDEN)('%s has the bytes of the server’s own send function', (_, column, cell, field) => {
  expect(encodeCell(column, cell).toString('hex')).toBe(field);
});
