import { column, table } from './build';
import { same, text } from './cells';
import type { CorpusTable } from './types';

const NOTE = column('note', 'varchar(20)', 'character varying(20)');

/** A17: numbers that the source gives by itself, and the one it would give next. */
export function counterTables(): CorpusTable[] {
  const id = (next: string, type = 'int') => column('id', `${type} NOT NULL AUTO_INCREMENT`, PG[type] ?? '', { next });
  return [
    table({
      name: 'a_counter_zero',
      covers: ['A17'],
      columns: [id('8'), NOTE],
      rows: [
        [same(-7), text('negative')],
        [same(0), text('zero')],
        [same(7), text('seven')],
      ],
    }),
    table({
      name: 'a_counter_ahead',
      covers: ['A17'],
      columns: [id('60000', 'bigint unsigned'), NOTE],
      options: 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 AUTO_INCREMENT=60000',
      rows: [[same(1), text('long ago')]],
    }),
    table({
      name: 'a_counter_empty',
      covers: ['A17'],
      columns: [id('403', 'smallint unsigned'), NOTE],
      options: 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 AUTO_INCREMENT=403',
      rows: [],
    }),
    table({
      name: 'a_counter_deleted',
      covers: ['A17'],
      columns: [id('58', 'mediumint'), NOTE],
      rows: [[same(56), text('kept')]],
      afterwards: [
        "INSERT INTO a_counter_deleted (id, note) VALUES (57, 'goes')",
        'DELETE FROM a_counter_deleted WHERE id = 57',
      ],
    }),
    table({
      name: 'a_counter_full',
      covers: ['A17'],
      columns: [id('exhausted'), NOTE],
      rows: [
        [same(1), text('first')],
        [same(2147483647), text('last')],
      ],
    }),
    table({
      name: 'a_counter_in_unique_key',
      covers: ['A17'],
      columns: [column('code', 'varchar(8) NOT NULL', 'character varying(8)'), id('4', 'tinyint unsigned')],
      constraints: ['PRIMARY KEY (`code`)', 'UNIQUE KEY `number` (`id`)'],
      rows: [
        [text('a'), same(3)],
        [text('b'), same(1)],
      ],
    }),
  ];
}

const PG: Readonly<Record<string, string>> = {
  int: 'integer',
  mediumint: 'integer',
  'bigint unsigned': 'bigint',
  'smallint unsigned': 'integer',
  'tinyint unsigned': 'smallint',
};
