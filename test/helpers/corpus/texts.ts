import { column, ID, table } from './build';
import { bytes, fromDefault, NULL, numbered, text } from './cells';
import type { Cell, CorpusTable } from './types';

const varchar = (length: number) => `character varying(${length})`;

/** Characters that tools confuse with NULL, the end of the data, or the end of a line. */
const AWKWARD = [
  '',
  'NULL',
  'null',
  '\\N',
  '\\.',
  '\\',
  'ends in a backslash\\',
  'ends in two\\\\',
  "it's",
  '"quoted"',
  'tab\there',
  'line\nbreak',
  'carriage\r\nreturn',
  '\b\x1a\x1b\x7f\v\f',
  ' spaces around ',
  'comma, semicolon; $1 ? %s {x}',
  '\u00a0\u2028\ufeff',
  'DEADBEEF',
  '0x1F',
  '😀👨‍👩‍👧‍👦🏳️‍🌈',
  'e\u0301 is not é',
  '\u{10ffff}\u{fffd}\uffff',
  '中文 العربية עברית ไทย',
];

/** NUL inside a text: rejected, or left out. */
function nul(before: string, after: string): Cell {
  return [`CONCAT('${before}', CHAR(0), '${after}')`, { rejected: 'nulCharacters', becomes: before + after }];
}

/** D5 to D11, E8, H17: text and what is not to happen to it. */
export function textTables(): CorpusTable[] {
  return [
    table({
      name: 'd_awkward',
      covers: ['D5', 'D7', 'E8'],
      columns: [
        ID,
        column('short', "varchar(200) NOT NULL DEFAULT ''", varchar(200), { byDefault: '' }),
        column('long', 'text', 'text'),
      ],
      rows: numbered([...AWKWARD.map((each) => [text(each), text(each)]), [fromDefault(''), NULL]]),
    }),
    table({
      name: 'd_text_types',
      covers: ['D8', 'D11', 'F9'],
      columns: [
        ID,
        column('fixed', "char(5) DEFAULT 'ab'", varchar(5), { byDefault: 'ab' }),
        column('quoted', "varchar(40) DEFAULT 'it''s \\\\ \"so\"'", varchar(40), { byDefault: 'it\'s \\ "so"' }),
        column('tiny', 'tinytext', 'text'),
        column('medium', 'mediumtext', 'text'),
        column('big', 'longtext', 'text'),
      ],
      rows: numbered([
        [text('ab'), text('trailing  '), text('x'.repeat(255)), text('medium'), text('eyJrZXkiOiAidmFsdWUifQ==')],
        [text('fghij'), fromDefault('it\'s \\ "so"'), text(''), text(''), text('')],
        [["'ab   '", 'ab'], text(' leading'), NULL, NULL, NULL],
        [fromDefault('ab'), text('äöü€'), text('é'), text('\n'), text('{"key": "value"}')],
        [text(' a'), NULL, NULL, NULL, ["REPEAT('0123456789abcdé\\n', 131072)", '0123456789abcdé\n'.repeat(131072)]],
      ]),
    }),
    table({
      name: 'd_long_varchar',
      covers: ['D11'],
      columns: [ID, column('value', 'varchar(64000) CHARACTER SET latin1', varchar(64000))],
      rows: numbered([
        [["REPEAT('ab', 32000)", 'ab'.repeat(32000)]],
        [["REPEAT(_latin1 X'E9', 64000)", 'é'.repeat(64000)]],
        [text('')],
      ]),
    }),
    table({
      name: 'd_nul',
      covers: ['D6'],
      columns: [
        ID,
        column('short', 'varchar(40)', varchar(40)),
        column('long', 'longtext', 'text'),
        column('fixed', 'char(8)', varchar(8)),
      ],
      rows: numbered([
        [nul('before', 'after'), text('clean'), text('clean')],
        [text('clean'), nul('', 'after'), text('clean')],
        [text('clean'), text('clean'), nul('a', 'b')],
        [nul('', ''), nul('before', ''), NULL],
      ]),
    }),
    table({
      name: 'd_case_insensitive_unique',
      covers: ['D9'],
      columns: [
        column('mail', 'varchar(40) COLLATE utf8mb4_general_ci NOT NULL', varchar(40)),
        column('nick', 'varchar(40) COLLATE utf8mb4_bin', varchar(40)),
      ],
      constraints: ['PRIMARY KEY (`mail`)', 'UNIQUE KEY `nick` (`nick`)'],
      rows: [
        [text('Foo@X'), text('a')],
        [text('bar@x'), text('A')],
        [text('BAZ@X'), NULL],
      ],
    }),
    table({
      name: 'd_mixed_charsets',
      covers: ['H17'],
      options: 'ENGINE=InnoDB DEFAULT CHARSET=latin1',
      columns: [
        ID,
        column('inherits', 'varchar(40)', varchar(40)),
        column('three', 'varchar(40) CHARACTER SET utf8mb3', varchar(40)),
        column('four', 'varchar(40) CHARACTER SET utf8mb4', varchar(40)),
        column('seven', 'varchar(40) CHARACTER SET ascii', varchar(40)),
        column('raw', 'varchar(40) CHARACTER SET binary', 'bytea'),
        column('long', 'text', 'text'),
      ],
      rows: numbered([
        [text('café €'), text('日本'), text('😀'), text('plain'), bytes('00FF5C'), text('Ÿ™')],
        [text(''), text('ß'), text('\u{1f468}\u200d\u{1f4bb}'), text(''), bytes(''), text('naïve')],
        [NULL, NULL, NULL, NULL, NULL, NULL],
      ]),
    }),
  ];
}
