import { column, ID, table } from './build';
import { fromDefault, NULL, numbered, same } from './cells';
import type { Cell, CorpusTable } from './types';

const YES: Cell = ['1', 'true'];
const NO: Cell = ['0', 'false'];

function bits(value: string): Cell {
  return [`b'${value}'`, value];
}

/** A9 to A15: yes or no, small integers that look like it, and bits. */
export function booleanTables(): CorpusTable[] {
  return [
    table({
      name: 'a_booleans',
      covers: ['A9', 'A12', 'A13'],
      columns: [
        ID,
        column('flag', 'tinyint(1)', 'boolean'),
        column('by_text', "tinyint(1) NOT NULL DEFAULT '1'", 'boolean', { byDefault: 'true' }),
        column('by_word', 'boolean NOT NULL DEFAULT TRUE', 'boolean', { byDefault: 'true' }),
        column('by_number', 'bool DEFAULT 0', 'boolean', { byDefault: 'false' }),
        column('one_bit', 'bit(1)', 'boolean'),
        column('one_bit_set', "bit NOT NULL DEFAULT b'1'", 'boolean', { byDefault: 'true' }),
      ],
      rows: numbered([
        [YES, YES, NO, NO, ["b'1'", 'true'], ["b'0'", 'false']],
        [NO, fromDefault('true'), fromDefault('true'), fromDefault('false'), ["b'0'", 'false'], fromDefault('true')],
        [NULL, NO, YES, NULL, NULL, ["b'1'", 'true']],
      ]),
    }),
    table({
      name: 'a_not_booleans',
      covers: ['A10', 'A11'],
      columns: [
        ID,
        column('signed', "tinyint(1) DEFAULT '2'", 'smallint', { byDefault: '2' }),
        column('unsigned', 'tinyint(1) unsigned', 'smallint'),
      ],
      rows: numbered([
        [same(0), same(0)],
        [same(1), same(1)],
        [same(2), same(255)],
        [same(-1), same(128)],
        [same(127), NULL],
        [same(-128), NULL],
        [NULL, NULL],
      ]),
    }),
    table({
      name: 'a_bits',
      covers: ['A14', 'A15'],
      columns: [
        ID,
        column('eight', "bit(8) NOT NULL DEFAULT b'0'", 'bit(8)', { byDefault: '00000000' }),
        column('sixteen', "bit(16) NOT NULL DEFAULT b'101'", 'bit(16)', { byDefault: '0000000000000101' }),
        column('twenty', 'bit(20)', 'bit(20)'),
        column('all', 'bit(64)', 'bit(64)'),
      ],
      rows: numbered([
        [
          fromDefault('00000000'),
          fromDefault('0000000000000101'),
          bits('11100011100011100011'),
          ["X'FFFFFFFFFFFFFFFF'", '1'.repeat(64)],
        ],
        [
          bits('10000001'),
          bits('0111111110000000'),
          ["b'1'", `${'0'.repeat(19)}1`],
          ["X'8000000000000000'", `1${'0'.repeat(63)}`],
        ],
        [bits('00000000'), bits('0000000000000000'), ["b'0'", '0'.repeat(20)], ["b'0'", '0'.repeat(64)]],
        [bits('11111111'), bits('1111111111111111'), NULL, NULL],
      ]),
    }),
  ];
}
