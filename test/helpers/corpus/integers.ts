import { column, ID, table } from './build';
import { fromDefault, NULL, numbered, same } from './cells';
import type { CorpusTable } from './types';

const TWO_64 = '18446744073709551615';

/** A1 to A8, A16: whole numbers. */
export function integerTables(): CorpusTable[] {
  return [
    table({
      name: 'a_integers',
      covers: ['A1', 'A2', 'A3', 'A4', 'A5', 'A6'],
      columns: [
        ID,
        column('tiny', 'tinyint', 'smallint'),
        column('utiny', 'tinyint unsigned', 'smallint'),
        column('small', 'smallint', 'smallint'),
        column('usmall', 'smallint unsigned', 'integer'),
        column('medium', 'mediumint', 'integer'),
        column('umedium', 'mediumint unsigned', 'integer'),
        column('whole', 'int', 'integer'),
        column('uwhole', 'int unsigned', 'bigint'),
        column('big', 'bigint', 'bigint'),
        // No key, so nothing is proven: the type holds all that the source's can.
        column('ubig', 'bigint unsigned', 'numeric(20,0)'),
      ],
      rows: numbered([
        [-128, 0, -32768, 0, -8388608, 0, -2147483648, 0, '-9223372036854775808', 0].map(same),
        [127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, '9223372036854775807', TWO_64].map(same),
        [0, 128, 0, 32768, 0, 8388608, 0, 2147483648, 0, '9223372036854775808'].map(same),
        [-1, 1, -1, 1, -1, 1, -1, 1, -1, '9223372036854775807'].map(same),
        Array.from({ length: 10 }, () => NULL),
      ]),
    }),
    table({
      name: 'a_unsigned_key',
      covers: ['A6'],
      columns: [column('id', 'bigint unsigned NOT NULL', 'bigint'), column('parent', 'bigint unsigned', 'bigint')],
      constraints: [
        'PRIMARY KEY (`id`)',
        'CONSTRAINT `unsigned_parent` FOREIGN KEY (`parent`) REFERENCES `a_unsigned_key` (`id`)',
      ],
      rows: [
        [same(0), NULL],
        [same(1), same(0)],
        [same('9223372036854775807'), same(1)],
      ],
    }),
    table({
      name: 'a_unsigned_key_beyond',
      covers: ['A6'],
      columns: [
        column('id', 'bigint unsigned NOT NULL', 'numeric(20,0)'),
        column('parent', 'bigint unsigned', 'numeric(20,0)'),
      ],
      constraints: [
        'PRIMARY KEY (`id`)',
        'CONSTRAINT `beyond_parent` FOREIGN KEY (`parent`) REFERENCES `a_unsigned_key_beyond` (`id`)',
      ],
      rows: [
        [same(1), NULL],
        [same('9223372036854775808'), same(1)],
        [same(TWO_64), same('9223372036854775808')],
      ],
    }),
    table({
      name: 'a_serial',
      covers: ['A7'],
      // Numeric cannot be an identity: a finding, and no sequence beyond what bigint holds.
      columns: [column('id', 'SERIAL', 'numeric(20,0)'), column('note', 'int', 'integer')],
      constraints: [],
      key: ['id'],
      rows: [
        [same(1), same(1)],
        [same(TWO_64), same(2)],
      ],
    }),
    table({
      name: 'a_widths',
      covers: ['A8', 'A16'],
      columns: [
        ID,
        column('padded', 'int(5) zerofill', 'bigint'),
        column('one', 'int(1)', 'integer'),
        column('small_one', 'smallint(1)', 'smallint'),
        column('defaulted', "int unsigned NOT NULL DEFAULT '4294967295'", 'bigint', { byDefault: '4294967295' }),
      ],
      rows: numbered([
        [same(42), same(1234567), same(-32768), fromDefault('4294967295')],
        [same(4294967295), same(-9), same(99), same(0)],
      ]),
    }),
  ];
}
