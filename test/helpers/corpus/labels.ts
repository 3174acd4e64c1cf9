import { column, enumColumn, ID, table } from './build';
import { fromDefault, NULL, numbered, text } from './cells';
import type { Cell, CorpusTable } from './types';

const LABELS = ['a,b', "it's", '"so"', 'ä😀', 'back\\slash', ' leading', 'c{d}', 'NULL'];

/** The value that a server stores for a label it does not know: an empty text with the number 0. */
const UNKNOWN: Cell = ["'unknown'", { rejected: 'invalidEnums', becomes: null }];

/** D12 to D14: labels. */
export function labelTables(): CorpusTable[] {
  return [
    table({
      name: 'd_enums',
      covers: ['D12', 'D14'],
      columns: [
        ID,
        enumColumn('label', LABELS),
        enumColumn('size', ['small', 'medium', 'large'], "NOT NULL DEFAULT 'medium'", { byDefault: 'medium' }),
      ],
      rows: numbered([...LABELS.map((label) => [text(label), text('large')]), [NULL, fromDefault('medium')]]),
    }),
    table({
      name: 'd_enum_empty_label',
      covers: ['D12'],
      columns: [ID, enumColumn('label', ['', 'full'], "NOT NULL DEFAULT ''", { byDefault: '' })],
      rows: numbered([[text('')], [text('full')], [fromDefault('')]]),
    }),
    table({
      name: 'd_enum_unknown',
      covers: ['D12'],
      lenient: true,
      columns: [ID, enumColumn('label', ['a', 'b']), enumColumn('required', ['x', 'y'], 'NOT NULL')],
      rows: numbered([
        [text('a'), text('y')],
        [UNKNOWN, text('x')],
        [NULL, UNKNOWN],
      ]),
    }),
    table({
      name: 'd_enum_unknown_beside_empty',
      covers: ['D12'],
      lenient: true,
      // Both read as an empty text; only the number behind it tells the label from the error.
      columns: [ID, enumColumn('label', ['', 'a'])],
      rows: numbered([[text('')], [UNKNOWN], [text('a')]]),
    }),
    table({
      name: 'd_enum_key',
      covers: ['D14'],
      columns: [
        enumColumn('level', ['low', 'high', 'absurd'], 'NOT NULL'),
        column('note', 'varchar(10)', 'character varying(10)'),
      ],
      rows: [
        [text('absurd'), text('3')],
        [text('low'), text('1')],
        [text('high'), text('2')],
      ],
    }),
    table({
      name: 'd_sets',
      covers: ['D13'],
      columns: [
        ID,
        column('members', "set('x','y','z') NOT NULL DEFAULT 'z,x'", 'text[]', { byDefault: '{x,z}' }),
        column('awkward', `set('a b','NULL','"','\\\\','{','ä')`, 'text[]'),
        column('many', `set(${Array.from({ length: 64 }, (_, index) => `'m${index}'`).join(',')})`, 'text[]'),
      ],
      rows: numbered([
        [
          ["'z,x,y'", '{x,y,z}'],
          ["'a b,NULL'", '{"a b","NULL"}'],
          ["'m63,m0'", '{m0,m63}'],
        ],
        [
          ["''", '{}'],
          [`'",\\\\,{,ä'`, '{"\\"","\\\\","{",ä}'],
          ['18446744073709551615', `{${Array.from({ length: 64 }, (_, index) => `m${index}`).join(',')}}`],
        ],
        [
          ["'y'", '{y}'],
          ["''", '{}'],
          ["''", '{}'],
        ],
        [fromDefault('{x,z}'), NULL, NULL],
      ]),
    }),
  ];
}
