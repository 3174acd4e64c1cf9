import { column, ID, table } from './build';
import { json, NULL, numbered, text } from './cells';
import type { Cell, CorpusServer, CorpusTable } from './types';

const JSONB = 'jsonb';

/** A text with NUL in JSON's escaped form, which jsonb cannot hold: rejected, or left out. */
function jsonNul(given: string, becomes: string): Cell {
  return [json(given, '')[0], { rejected: 'nulCharacters', becomes }];
}

/** F1 to F8: JSON, which MySQL takes apart and MariaDB keeps as it was written. */
export function jsonTables({ flavour }: CorpusServer): CorpusTable[] {
  return [
    table({
      name: 'f_json',
      covers: ['F1', 'F2', 'F3', 'F5', 'F8'],
      columns: [ID, column('value', 'json', JSONB)],
      rows: numbered([...COMMON, ...(flavour === 'mysql' ? DOUBLES : VERBATIM)].map((cell) => [cell])),
    }),
    table({
      name: 'f_json_nul',
      covers: ['F6'],
      columns: [ID, column('value', 'json', JSONB)],
      rows: numbered([
        [jsonNul('"\\u0000"', '""')],
        [jsonNul('{"a":"b\\u0000c"}', '{"a": "bc"}')],
        [jsonNul('["\\\\\\u0000\\\\"]', '["\\\\\\\\"]')],
        // An escaped backslash before u0000 is no NUL.
        [json('"\\\\u0000"', '"\\\\u0000"')],
      ]),
    }),
    table({
      name: 'f_json_not_null',
      covers: ['F3'],
      columns: [ID, column('value', 'json NOT NULL', JSONB)],
      rows: numbered([[json('null', 'null')], [json('{}', '{}')], [json('""', '""')]]),
    }),
    table({
      name: 'f_base64',
      covers: ['F9'],
      columns: [ID, column('value', 'longtext', 'text')],
      rows: numbered([[text('eyJrZXkiOiAidmFsdWUifQ==')], [text('{"key": "value"}')]]),
    }),
    ...(flavour === 'mysql' ? mysqlTables() : []),
  ];
}

const COMMON: readonly Cell[] = [
  json('9007199254740993', '9007199254740993'),
  json('-1234567890123456789', '-1234567890123456789'),
  json('18446744073709551615', '18446744073709551615'),
  json('-9223372036854775808', '-9223372036854775808'),
  json('52.0', '52.0'),
  json('{"float": 32.0, "x": 1.0}', '{"x": 1.0, "float": 32.0}'),
  json('0.1', '0.1'),
  json('1.5e-10', '0.00000000015'),
  json('1e308', `1${'0'.repeat(308)}`),
  json('null', 'null'),
  NULL,
  json('"null"', '"null"'),
  json('"true"', '"true"'),
  json('true', 'true'),
  json('false', 'false'),
  json('""', '""'),
  json('0', '0'),
  json('{}', '{}'),
  json('[]', '[]'),
  json(' { "a" : [ ] , "b":{ } } ', '{"a": [], "b": {}}'),
  json('{"": 1}', '{"": 1}'),
  json('{"a": 2, "a": 3}', '{"a": 3}'),
  json('{"b":1,"aa":2,"a":3,"B":4,"é":5}', '{"B": 4, "a": 3, "b": 1, "aa": 2, "é": 5}'),
  json('"\\ud83d\\ude00 \\u00e9 \\/ \\" \\\\ \\n \\b \\u001f"', '"😀 é / \\" \\\\ \\n \\b \\u001f"'),
  json('["NULL", null, "\\\\N", "\\\\.", "\\t"]', '["NULL", null, "\\\\N", "\\\\.", "\\t"]'),
  json('[[[[[[1]]]]], {"a": {"b": {"c": [null]}}}]', '[[[[[[1]]]]], {"a": {"b": {"c": [null]}}}]'),
  json(`"${'long '.repeat(20_000)}"`, `"${'long '.repeat(20_000)}"`),
];

/** MySQL keeps numbers with a point, an exponent or too many digits as doubles: what it says is what arrives. */
const DOUBLES: readonly Cell[] = [
  json('18446744073709551616', '18446744073709552000'),
  json('123456789012345678901234567890.123456789', '123456789012345680000000000000'),
  json('[1, 2.50, 1e2, 0.1, 100]', '[1, 2.5, 100.0, 0.1, 100]'),
];

/** MariaDB's JSON is text, so every digit is there. */
const VERBATIM: readonly Cell[] = [
  json('18446744073709551616', '18446744073709551616'),
  json('123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789'),
  json('[1, 2.50, 1e2, 0.1, 100]', '[1, 2.50, 100, 0.1, 100]'),
  json('1E400', `1${'0'.repeat(400)}`),
];

/** F4 and F7: what only MySQL can hold. */
function mysqlTables(): CorpusTable[] {
  return [
    table({
      name: 'f_json_implicit',
      covers: ['F4'],
      lenient: true,
      columns: [ID, column('value', 'json NOT NULL', JSONB), column('note', 'varchar(10)', 'character varying(10)')],
      rows: numbered([[json('1', '1'), text('given')]]),
      // A server that is not strict stores JSON's null, and the column stays NOT NULL.
      afterwards: ["INSERT IGNORE INTO f_json_implicit (id, note) VALUES (2, 'left out')"],
      more: [{ id: '2', value: 'null', note: 'left out' }],
    }),
    table({
      name: 'f_json_typed',
      covers: ['F7'],
      columns: [ID, column('value', 'json', JSONB)],
      rows: numbered(
        [
          ["CAST(CAST('2015-01-15 23:24:25.12' AS DATETIME(6)) AS JSON)", '"2015-01-15 23:24:25.120000"'],
          ["CAST(CAST('2015-01-15' AS DATE) AS JSON)", '"2015-01-15"'],
          ["CAST(CAST('23:24:25.12' AS TIME(3)) AS JSON)", '"23:24:25.120000"'],
          ["CAST(CAST('-12:30:00' AS TIME) AS JSON)", '"-12:30:00.000000"'],
          ['CAST(CAST(1.1 AS DECIMAL(5,3)) AS JSON)', '1.100'],
          ['CAST(CAST(12345678901234567890.123456789 AS DECIMAL(40,9)) AS JSON)', '12345678901234567890.123456789'],
          ['CAST(CAST(18446744073709551615 AS UNSIGNED) AS JSON)', '18446744073709551615'],
          ['CAST(1.0e0 AS JSON)', '1.0'],
          ["JSON_OBJECT('bytes', X'FF00')", '{"bytes": "base64:type15:/wA="}'],
          ["JSON_ARRAY(TRUE, FALSE, NULL, 'é')", '[true, false, null, "é"]'],
        ].map(([given, expected]): Cell[] => [[given ?? null, expected ?? null]]),
      ),
    }),
  ];
}
