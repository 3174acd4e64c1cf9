import { isAtLeast } from '../../../scripts/shop/flavour';
import { column, ID, table } from './build';
import { NULL, numbered, same, text } from './cells';
import type { Cell, CorpusServer, CorpusTable } from './types';

const varchar = (length: number) => `character varying(${length})`;
const NOTE = column('note', 'varchar(20)', varchar(20));

/** H4 to H7, H9, H12: what tables are made of besides values. */
export function schemaTables(server: CorpusServer): CorpusTable[] {
  return [
    table({
      name: 'h_unique_nulls',
      covers: ['H4'],
      columns: [ID, column('a', 'varchar(10)', varchar(10)), column('b', 'int', 'integer')],
      constraints: ['PRIMARY KEY (`id`)', 'UNIQUE KEY `one` (`a`)', 'UNIQUE KEY `two` (`a`, `b`)'],
      rows: numbered([
        [NULL, NULL],
        [NULL, NULL],
        [NULL, same(1)],
        [NULL, same(1)],
        [text('x'), NULL],
        [text(''), same(0)],
      ]),
    }),
    table({
      name: 'h_no_key',
      covers: ['H5'],
      columns: [
        column('a', 'int', 'integer'),
        column('b', 'varchar(10)', varchar(10)),
        column('c', 'decimal(5,2)', 'numeric(5,2)'),
      ],
      constraints: [],
      rows: [
        ...Array.from({ length: 7 }, (): Cell[] => [same(1), text('twice'), same('1.50')]),
        ...Array.from({ length: 3 }, (): Cell[] => [NULL, NULL, NULL]),
        [same(1), text('twice '), same('1.50')],
        [same(1), text('Twice'), same('1.50')],
        [same(1), text(''), NULL],
        [same(1), NULL, NULL],
      ],
    }),
    table({
      name: 'h_only_nullable_unique',
      covers: ['H5'],
      columns: [column('a', 'int', 'integer'), NOTE],
      constraints: ['UNIQUE KEY `a` (`a`)'],
      key: [],
      rows: [
        [NULL, text('same')],
        [NULL, text('same')],
        [same(1), text('one')],
      ],
    }),
    ...foreignKeyTables(),
    ...hiddenColumns(server),
    table({
      name: 'h_comments',
      covers: ['H9'],
      comment: `données de comptage: it's "so", 100 % \\ 日本`,
      columns: [
        column('id', 'int NOT NULL', 'integer', { comment: "the row's number" }),
        column('plain', 'int', 'integer', { comment: 'line one\nline two\ttab' }),
        // Both servers keep comments in utf8mb3: a character beyond it is a question mark from the start.
        column('awkward', 'int', 'integer', { comment: "\\N \\. $$ -- '; DROP TABLE x; 日本" }),
        column('none', 'int', 'integer'),
      ],
      rows: [[same(1), same(2), same(3), NULL]],
    }),
    ...engines(server),
  ];
}

function foreignKeyTables(): CorpusTable[] {
  const reference = (name: string, columns: string, parent: string, parentColumns: string, actions = '') =>
    `CONSTRAINT \`${name}\` FOREIGN KEY (${columns}) REFERENCES \`${parent}\` (${parentColumns}) ${actions}`.trim();
  return [
    // A circle: each refers to the other, so neither can be filled first with its key in place.
    table({
      name: 'h_circle_one',
      covers: ['H6'],
      columns: [ID, column('two_id', 'int', 'integer')],
      constraints: [
        'PRIMARY KEY (`id`)',
        reference('circle_one', '`two_id`', 'h_circle_two', '`id`', 'ON DELETE SET NULL'),
      ],
      rows: numbered([[same(2)], [same(1)], [NULL]]),
    }),
    table({
      name: 'h_circle_two',
      covers: ['H6'],
      columns: [ID, column('one_id', 'int NOT NULL', 'integer')],
      constraints: [
        'PRIMARY KEY (`id`)',
        reference('circle_two', '`one_id`', 'h_circle_one', '`id`', 'ON DELETE CASCADE ON UPDATE CASCADE'),
      ],
      rows: numbered([[same(3)], [same(1)]]),
    }),
    table({
      name: 'h_self',
      covers: ['H6'],
      columns: [ID, column('parent_id', 'int', 'integer')],
      constraints: ['PRIMARY KEY (`id`)', reference('self', '`parent_id`', 'h_self', '`id`')],
      rows: numbered([[same(3)], [NULL], [same(2)], [same(4)]]),
    }),
    table({
      name: 'h_composite_parent',
      covers: ['H6'],
      columns: [
        column('country', 'char(2) NOT NULL', varchar(2)),
        column('number', 'smallint unsigned NOT NULL', 'integer'),
      ],
      constraints: ['PRIMARY KEY (`country`, `number`)'],
      key: ['country', 'number'],
      rows: [
        [text('de'), same(65535)],
        [text('fr'), same(1)],
      ],
    }),
    table({
      name: 'h_composite_child',
      covers: ['H6'],
      columns: [ID, column('country', 'char(2)', varchar(2)), column('number', 'smallint unsigned', 'integer')],
      constraints: [
        'PRIMARY KEY (`id`)',
        reference('composite', '`country`, `number`', 'h_composite_parent', '`country`, `number`', 'ON UPDATE CASCADE'),
      ],
      // Half a reference is none: MySQL and PostgreSQL both let it pass.
      rows: numbered([
        [text('de'), same(65535)],
        [text('xx'), NULL],
        [NULL, same(7)],
      ]),
    }),
    table({
      name: 'h_orphans',
      covers: ['H6'],
      columns: [ID, column('parent_id', 'int', 'integer')],
      constraints: ['PRIMARY KEY (`id`)', reference('orphans', '`parent_id`', 'h_self', '`id`', 'ON DELETE CASCADE')],
      rows: numbered([[same(1)], [same(99)], [NULL], [same(-1)]]),
      orphans: ['orphans'],
    }),
  ];
}

function hiddenColumns({ flavour, version }: CorpusServer): CorpusTable[] {
  const invisible = table({
    name: 'h_invisible',
    covers: ['H7'],
    columns: [ID, column('hidden', "int DEFAULT '5' INVISIBLE", 'integer', { byDefault: '5' }), NOTE],
    rows: numbered([
      [same(7), text('given')],
      [[null, '5'], text('by default')],
      [NULL, text('none')],
    ]),
  });
  const generatedKey: CorpusTable = {
    ...table({
      name: 'h_generated_key',
      covers: ['H7'],
      columns: [NOTE],
      constraints: [],
      sessionSql: ['SET SESSION sql_generate_invisible_primary_key = ON'],
      rows: [[text('first')], [text('second')]],
      // The tables that follow are to have the keys they are declared with, and no others.
      afterwards: ['SET SESSION sql_generate_invisible_primary_key = OFF'],
    }),
    columns: [column('my_row_id', 'bigint unsigned NOT NULL AUTO_INCREMENT', 'bigint', { next: '3' }), NOTE],
    key: ['my_row_id'],
    expected: [
      { my_row_id: '1', note: 'first' },
      { my_row_id: '2', note: 'second' },
    ],
  };
  const hasInvisible = flavour === 'mariadb' || isAtLeast(version, '8.0.23');
  const hasGenerated = flavour === 'mysql' && isAtLeast(version, '8.0.30');
  return [...(hasInvisible ? [invisible] : []), ...(hasGenerated ? [generatedKey] : [])];
}

/** Tables without transactions, and so without a consistent read. */
function engines({ flavour }: CorpusServer): CorpusTable[] {
  const keyed = ['MyISAM', 'MEMORY', ...(flavour === 'mariadb' ? ['Aria'] : [])];
  return [
    ...keyed.map((engine) =>
      table({
        name: `h_engine_${engine.toLowerCase()}`,
        covers: ['H12'],
        options: `ENGINE=${engine} DEFAULT CHARSET=utf8mb4`,
        columns: [ID, NOTE],
        rows: numbered([[text('one')], [text('zwei ß')], [NULL]]),
      }),
    ),
    ...['ARCHIVE', 'CSV'].map((engine) =>
      table({
        name: `h_engine_${engine.toLowerCase()}`,
        covers: ['H12'],
        options: `ENGINE=${engine} DEFAULT CHARSET=utf8mb4`,
        columns: [ID, column('note', 'varchar(20) NOT NULL', varchar(20))],
        constraints: [],
        rows: numbered([[text('one')], [text('zwei ß')], [text('zwei ß')]]),
      }),
    ),
  ];
}
