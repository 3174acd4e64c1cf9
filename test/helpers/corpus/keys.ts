import { isAtLeast } from '../../../scripts/shop/flavour';
import { column, enumColumn } from './build';
import { literal, same, text } from './cells';
import { key, keyed, pad, times, uuidOf, varchar } from './keyed';
import { textAndByteKeys } from './textKeys';
import type { CorpusServer, CorpusTable } from './types';

/** Keys of every shape, each with enough rows for several chunks. */
export function keyTables(server: CorpusServer): CorpusTable[] {
  return [...numberKeys(), ...textAndByteKeys(server), ...timeKeys(), ...otherKeys(), ...mariadbKeys(server)];
}

function numberKeys(): CorpusTable[] {
  return [
    keyed(
      'gaps',
      [key('bigint', 'bigint')],
      [
        [same('-9223372036854775808')],
        ...times(50, (index) => [same((index - 25) * 1_000_003 * (index % 7 === 0 ? 1_000 : 1))]),
        [same('9223372036854775807')],
      ],
    ),
    keyed(
      'unsigned',
      [key('bigint unsigned', 'numeric(20,0)')],
      times(60, (index) => [same(String(2n ** 64n - 1n - BigInt(index) ** 5n * 1_000_003n))]),
    ),
    keyed(
      'composite',
      [
        column('a', 'int unsigned NOT NULL', 'bigint'),
        column('b', 'smallint NOT NULL', 'smallint'),
        column('c', 'varchar(8) NOT NULL', varchar(8)),
      ],
      times(120, (index) => [
        same(4294967295 - (index % 5)),
        same((index % 4) - 2),
        text(`c${pad(Math.floor(index / 20), 2)}`),
      ]),
    ),
    keyed(
      'descending',
      [key('int', 'integer')],
      times(60, (index) => [same(index * 3)]),
      { constraints: ['PRIMARY KEY (`id` DESC)'] },
    ),
    keyed(
      'mixed_directions',
      [column('a', 'int NOT NULL', 'integer'), column('b', 'int NOT NULL', 'integer')],
      times(80, (index) => [same(index % 8), same(Math.floor(index / 8))]),
      { constraints: ['PRIMARY KEY (`a`, `b` DESC)'] },
    ),
    keyed(
      'decimal',
      [key('decimal(30,10)', 'numeric(30,10)')],
      times(60, (index) => [same(`${(index - 30) * 7}.${pad(index, 10)}`.replace('-0.', '0.'))]),
    ),
    keyed(
      'double',
      [key('double', 'double precision')],
      times(60, (index) => [same((index - 30) / 8 + 0.0625)]),
    ),
    keyed(
      'float',
      [key('float', 'real')],
      times(60, (index) => [same((index - 30) / 8 + 0.0625)]),
    ),
    keyed(
      'bit',
      [key('bit(20)', 'bit(20)')],
      times(60, (index) => {
        const digits = (index * 17477).toString(2).padStart(20, '0');
        return [[`b'${digits}'`, digits]];
      }),
    ),
    keyed(
      'boolean',
      [column('flag', 'tinyint(1) NOT NULL', 'boolean'), column('n', 'tinyint NOT NULL', 'smallint')],
      times(40, (index) => [[String(index % 2), index % 2 === 0 ? 'false' : 'true'], same(index - 20)]),
    ),
  ];
}

function timeKeys(): CorpusTable[] {
  const day = (index: number) => new Date(Date.UTC(1960, 0, 1 + index * 431)).toISOString().slice(0, 10);
  const clock = (index: number) => `${pad(index % 24, 2)}:${pad((index * 7) % 60, 2)}:00.${pad(index + 1, 6)}`;
  const trimmed = (value: string) => value.replace(/0+$/, '');
  return [
    keyed(
      'date',
      [key('date', 'date')],
      times(60, (index) => [literal(day(index))]),
    ),
    keyed(
      'datetime',
      [key('datetime(6)', 'timestamp(6) without time zone')],
      times(60, (index) => [
        literal(`${day(index % 7)} ${clock(index)}`, trimmed(`${day(index % 7)} ${clock(index)}`)),
      ]),
    ),
    keyed(
      'timestamp',
      [key('timestamp(6)', 'timestamp(6) with time zone')],
      times(60, (index) => [
        literal(
          `2024-0${1 + (index % 7)}-01 ${clock(index)}`,
          `${trimmed(`2024-0${1 + (index % 7)}-01 ${clock(index)}`)}+00`,
        ),
      ]),
    ),
    keyed(
      'time',
      [key('time', 'interval(0)')],
      times(60, (index) => {
        const value = `${index < 30 ? '-' : ''}${pad(100 + index, 3)}:${pad(index % 60, 2)}:30`;
        return [literal(value)];
      }),
    ),
    keyed(
      'year',
      [key('year', 'smallint')],
      times(60, (index) => [same(1901 + index * 4)]),
    ),
  ];
}

function otherKeys(): CorpusTable[] {
  return [
    keyed(
      'enum',
      [enumColumn('level', ['zulu', 'alpha', 'mike'], 'NOT NULL'), column('n', 'int NOT NULL', 'integer')],
      times(60, (index) => [text(['mike', 'zulu', 'alpha'][index % 3] ?? ''), same(index)]),
    ),
    keyed(
      'set',
      [key("set('c','b','a')", 'text[]')],
      [
        [["''", '{}']],
        [["'c'", '{c}']],
        [["'b'", '{b}']],
        [["'c,b'", '{c,b}']],
        [["'a'", '{a}']],
        [["'c,a'", '{c,a}']],
        [["'b,a'", '{b,a}']],
        [["'c,b,a'", '{c,b,a}']],
      ],
    ),
    keyed(
      'unique_only',
      [column('a', 'int NOT NULL', 'integer'), column('b', 'varchar(10) NOT NULL', varchar(10))],
      times(60, (index) => [same(index % 6), text(`b${index}`)]),
      { constraints: ['UNIQUE KEY `pair` (`a`, `b`)', 'UNIQUE KEY `payload` (`payload`)'] },
    ),
    keyed(
      'late',
      [column('filler', 'int', 'integer'), column('id', 'int NOT NULL', 'integer')],
      times(60, (index) => [same(index % 2), same(index * 2)]),
      { constraints: ['PRIMARY KEY (`id`)'], key: ['id'] },
    ),
  ];
}

const inet = (address: string, bits: number) => literal(address, `${address}/${bits}`);

function mariadbKeys({ flavour, version }: CorpusServer): CorpusTable[] {
  const has = (since: string) => flavour === 'mariadb' && isAtLeast(version, since);
  return [
    // MariaDB orders UUIDs by other digits than PostgreSQL.
    ...(has('10.7')
      ? [
          keyed(
            'uuid',
            [key('uuid', 'uuid')],
            times(60, (index) => [literal(uuidOf(index))]),
          ),
        ]
      : []),
    ...(has('10.5')
      ? [
          keyed(
            'inet6',
            [key('inet6', 'inet')],
            times(40, (index) => [inet(`2001:db8::${(index * 97 + 1).toString(16)}`, 128)]),
          ),
        ]
      : []),
    ...(has('10.10')
      ? [
          keyed(
            'inet4',
            [key('inet4', 'inet')],
            times(40, (index) => [inet(`${index * 6}.0.2.${255 - index}`, 32)]),
          ),
        ]
      : []),
  ];
}
