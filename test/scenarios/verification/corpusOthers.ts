import type { TypeCorpus } from './corpus';
import { quoted, type Value } from './literals';

const TIMES: TypeCorpus[] = [
  {
    name: 'date',
    type: 'date',
    values: quoted('1000-01-01', '9999-12-31', '0018-04-01', '2024-02-29'),
    damages: { 0: ["'1000-01-02'"], 2: ["'2018-04-01'", "'0018-04-01 BC'"], 1: ["'infinity'"] },
  },
  {
    name: 'datetime',
    type: 'datetime',
    values: quoted('2024-03-31 02:30:00', '9999-12-31 23:59:59', '0018-04-01 00:00:00'),
    damages: { 0: ["'2024-03-31 03:30:00'", "'2024-03-31 02:30:01'"] },
  },
  {
    name: 'datetime3',
    type: 'datetime(3)',
    values: quoted('2024-01-01 00:00:00.120', '2024-01-01 00:00:00.000', '2024-01-01 10:20:30.001'),
    damages: { 0: ["'2024-01-01 00:00:00.121'", "'2024-01-01 00:00:00.012'"], 1: ["'2024-01-01 00:00:00.001'"] },
  },
  {
    name: 'datetime6',
    type: 'datetime(6)',
    values: quoted(
      '2024-01-01 00:00:00.123456',
      '1000-01-01 00:00:00.000001',
      '9999-12-31 23:59:59.999999',
      '2024-01-01 00:00:10',
    ),
    damages: { 0: ["'2024-01-01 00:00:00.123457'"], 2: ["'9999-12-31 23:59:59.999998'"], 3: ["'2024-01-01 00:00:01'"] },
  },
  {
    name: 'timestamp6',
    type: 'timestamp(6) null',
    values: [
      ["'2038-01-19 03:14:07.999999'", "'2038-01-19 03:14:07.999999Z'"],
      ["'1970-01-01 00:00:01'", "'1970-01-01 02:00:01+02'"],
    ],
    damages: { 0: ["'2038-01-19 03:14:07.999998Z'", "'2038-01-19 03:14:07.999999+01'"] },
  },
  {
    name: 'time_of_day',
    type: 'time(6)',
    values: quoted('00:00:00.000001', '12:34:56.120000', '24:00:00', '00:00:00'),
    damages: { 0: ["'00:00:00'", "'00:00:00.000002'"], 2: ["'00:00:00'"] },
  },
  {
    name: 'time_span',
    type: 'time(6)',
    values: [
      ...quoted('-838:59:58.999999', '838:59:59', '517:51:04.78', '-00:00:00.000001', '24:00:00', '00:00:00'),
      ["'838:59:59'", "'34 days 22:59:59'"],
      ["'-25:00:00'", "'-1 day -01:00:00'"],
    ],
    byMeaning: [6, 7],
    damages: {
      0: ["'838:59:58.999999'", "'-838:59:58.999998'"],
      3: ["'00:00:00'", "'00:00:00.000001'"],
      6: ["'1 mon 4 days 22:59:59'"],
    },
  },
];

const MARIADB_TIMES: TypeCorpus[] = [
  {
    name: 'time_limits',
    type: 'time(6)',
    only: 'mariadb',
    values: quoted('-838:59:59.999999', '838:59:59.999999'),
    damages: { 0: ["'-838:59:59.999998'", "'-838:59:59'"] },
  },
];

const JSON_VALUES: Value[] = [
  ...[
    '{}',
    '[]',
    'null',
    'true',
    '0',
    '""',
    '" a "',
    '9007199254740993',
    '-1234567890123456789',
    '18446744073709551615',
    '{"a": 1, "b": [1, 2.5, {"c": null}]}',
    '"é日👩"',
    '[[[[]]]]',
    '{"": {"": ""}}',
  ].map((text): Value => [`'${text}'`, `'${text}'`]),
  // Spacing, order, escapes, zeros and exponents do not matter, and of two members of one name the last counts.
  ...['{"bb":1,"a":{"d":[1 , 2],"c":"x"}}', '{"a":1,"a":2}', '1.0', '1e2', '{"x": 1.10}', '{"f": 1e-7}'].map(
    (text): Value => [`'${text}'`, `'${text}'`],
  ),
  ['\'"\\\\u00e9\\\\/\\\\n"\'', `'"é/\\n"'`],
  ["'100'", "'1e2'"],
];

const LONG_DOCUMENT = `{"z": "${'x'.repeat(30_000)}", "list": [1, 2, 3]}`;

const JSONS: TypeCorpus[] = [
  {
    name: 'json',
    type: 'json',
    values: JSON_VALUES,
    byMeaning: [17, 18],
    damages: {
      0: ["'[]'", "'null'", 'NULL'],
      2: ['NULL', `'"null"'`, "'false'"],
      3: [`'"true"'`],
      4: ["'1'", `'"0"'`],
      5: [`'" "'`],
      7: ["'9007199254740992'"],
      10: [
        `'{"a": 1, "b": [2.5, 1, {"c": null}]}'`,
        `'{"a": 1, "b": [1, 2.5, {}]}'`,
        `'{"A": 1, "b": [1, 2.5, {"c": null}]}'`,
      ],
      15: [`'{"a":1}'`],
    },
  },
  {
    name: 'json_long',
    type: 'json',
    values: [
      [`'${LONG_DOCUMENT}'`, `'${LONG_DOCUMENT}'`],
      [`'{"n": 1E1, "z": "${'y'.repeat(20_000)}"}'`, `'{"z": "${'y'.repeat(20_000)}", "n": 10}'`],
    ],
    byMeaning: [1],
    damages: { 0: [`'${LONG_DOCUMENT.replace('3]', '4]')}'`], 1: [`'{"z": "${'y'.repeat(20_000)}", "n": 11}'`] },
  },
];

const MARIADB: TypeCorpus[] = [
  {
    name: 'uuid',
    type: 'uuid',
    only: 'mariadb',
    values: quoted(
      'a3cda7d5-00a6-4111-8146-59127a8d5e42',
      '00000000-0000-0000-0000-000000000000',
      'FFFFFFFF-FFFF-1FFF-8FFF-FFFFFFFFFFFF',
    ),
    damages: { 0: ["'a3cda7d5-00a6-4111-8146-59127a8d5e43'"] },
  },
  {
    name: 'inet4',
    type: 'inet4',
    only: 'mariadb',
    values: quoted('127.0.0.1', '0.0.0.0', '255.255.255.255'),
    damages: { 0: ["'127.0.0.2'", "'127.0.0.1/24'", "'::ffff:127.0.0.1'"] },
  },
  {
    name: 'inet6',
    type: 'inet6',
    only: 'mariadb',
    values: quoted(
      '::',
      '::1',
      '2001:db8::ff00:42:8329',
      '::ffff:192.0.2.128',
      '::192.0.2.128',
      '::1:2',
      '::0:102',
      '2001:0:0:1:0:0:0:1',
      '1:0:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:0',
      '0:2:3:4:5:6:7:8',
      'fe80::',
      '1:0:0:2:3:0:0:4',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      '::ffff:0:0',
      '::fffe:192.0.2.128',
      '0:0:1::',
      '::ffff',
      '64:ff9b::192.0.2.33',
    ),
    damages: { 1: ["'::2'", "'::1/64'", "'0.0.0.1'"], 3: ["'192.0.2.128'"] },
  },
];

export const OTHERS: readonly TypeCorpus[] = [...TIMES, ...MARIADB_TIMES, ...JSONS, ...MARIADB];
