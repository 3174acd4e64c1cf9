import { column, ID, table } from './build';
import { numbered, same, text } from './cells';
import type { CorpusColumn, CorpusTable } from './types';

/** Names of tables: reserved, mixed in case, with what needs quoting, and as long as MySQL lets them be. */
const NAMES = [
  'select',
  'user',
  'MixedCase',
  'white space',
  'quo"te',
  "apos'trophe",
  'back`tick',
  'dot.ted',
  '1st',
  '42',
  'ünïcödé',
  '表',
  'dollar$',
  'semi;colon -- no comment',
  `${'long'.repeat(15)}tail`.slice(0, 63) + 'a',
  `${'long'.repeat(15)}tail`.slice(0, 63) + 'b',
  `${'ü'.repeat(63)}x`,
  `${'ü'.repeat(63)}y`,
];

const COLUMNS = [
  'order',
  'Group',
  'camelCase',
  'white space',
  ' leading',
  'quo"te',
  'back`tick',
  'dot.ted',
  '1st',
  'ünïcödé',
  'percent%s',
  'dollar$1',
  `${'c'.repeat(63)}1`,
  `${'c'.repeat(63)}2`,
];

/** PostgreSQL's own columns, which no table may name its own. */
const SYSTEM_COLUMNS = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'];

/** D15 and D16: names. */
export function identifierTables(): CorpusTable[] {
  return [
    ...NAMES.map((name) => named(name, [column('value', 'int', 'integer')])),
    named(
      'd_column_names',
      COLUMNS.map((name) => column(name, 'int', 'integer')),
    ),
    named(
      'd_system_columns',
      SYSTEM_COLUMNS.map((name) => column(name, 'int', 'integer')),
    ),
    // Two names that are one when folded to lower case.
    named('Clash', [column('value', 'int', 'integer')]),
    named('clash', [column('value', 'int', 'integer')]),
    ...['d_index_names_one', 'd_index_names_two'].map((name) =>
      table({
        name,
        covers: ['D16'],
        columns: [ID, column('value', 'varchar(20)', 'character varying(20)')],
        constraints: [
          'PRIMARY KEY (`id`)',
          'UNIQUE KEY `by_value` (`value`)',
          'KEY `d_index_names_one` (`id`, `value`)',
          `KEY \`${'i'.repeat(64)}\` (\`value\`)`,
        ],
        rows: numbered([[text('a')], [text('b')]]),
      }),
    ),
  ];
}

function named(name: string, columns: readonly CorpusColumn[]): CorpusTable {
  return table({
    name,
    covers: ['D15'],
    columns: [ID, ...columns],
    rows: numbered([columns.map((_, index) => same(index + 7)), columns.map(() => same(-1))]),
  });
}
