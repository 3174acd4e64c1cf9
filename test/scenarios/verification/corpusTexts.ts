import type { TypeCorpus } from './corpus';
import { bytes, encoded, quoted, same, target, texts } from './literals';

const WORDS = 'lorem ipsum dolor '.repeat(60);
const LONG = `${'x'.repeat(40_000)}é`;

const TEXT_VALUES = [
  ...[
    '',
    'a',
    'A',
    ' ',
    'a ',
    'a  ',
    '  a',
    'NULL',
    '\\N',
    '\\.',
    'back\\slash\\',
    "it's",
    '"',
    '`',
    'a|b',
    '|',
    '||',
    '1',
    '?',
    '??',
  ],
  ...[
    '\t',
    '\n',
    '\r\n',
    '\b',
    '\x1a',
    '\x1b',
    '\x7f',
    'é',
    'e\u0301',
    'ß',
    'İ',
    '日本語',
    '👩‍👩‍👧‍👦',
    '\u{10ffff}',
    '\ufeff',
    '\ufffd',
    '0',
    '{}',
    '%_',
  ],
];

const TEXTS: TypeCorpus[] = [
  {
    name: 'varchar',
    type: 'varchar(300)',
    values: texts(...TEXT_VALUES),
    damages: {
      0: ["' '", 'NULL'],
      1: ["'A'", "'a '", "''", "'á'"],
      4: ["'a'", "'a  '"],
      27: [target('e\u0301')],
      14: ["'a|'", "'a||b'"],
      18: ["'?'||'?'"],
    },
  },
  {
    name: 'char',
    type: 'char(5)',
    values: [...quoted('ab', '', 'fghij'), ["'ab   '", "'ab'"]],
    damages: { 0: ["'ab '", "'Ab'", "'b'"], 1: ["' '"] },
  },
  {
    name: 'varchar_ci',
    type: 'varchar(30) collate utf8mb4_general_ci',
    values: quoted('abc', 'ABC', 'abc '),
    damages: { 0: ["'ABC'", "'abc '"], 2: ["'abc'"] },
  },
  {
    name: 'varchar_bin',
    type: 'varchar(30) collate utf8mb4_bin',
    values: quoted('abc', 'x'),
    damages: { 0: ["'abd'"] },
  },
  {
    name: 'utf8mb3',
    type: 'varchar(30) character set utf8mb3',
    values: texts('é', '日本'),
    damages: { 0: ["'e'"], 1: [target('日木')] },
  },
  {
    name: 'latin1',
    type: 'varchar(30) character set latin1',
    values: [
      encoded('latin1', '636166e980', 'café€'),
      encoded('latin1', '80969f', '€–Ÿ'),
      encoded('latin1', '818d8f909d', '\x81\x8d\x8f\x90\x9d'),
    ],
    damages: { 0: ["'cafe€'", "'café?'"], 2: ["'?????'"] },
  },
  {
    name: 'gbk',
    type: 'varchar(30) character set gbk',
    values: [encoded('gbk', 'c4e3bac3', '你好'), encoded('gbk', '3f613f', '?a?')],
    damages: { 0: ["'??'", target('你妤')] },
  },
  {
    name: 'sjis',
    type: 'varchar(30) character set sjis',
    values: [encoded('sjis', '834f', 'グ'), encoded('sjis', '955c', '表')],
    damages: { 0: [target('ク')] },
  },
  {
    name: 'euckr',
    type: 'varchar(30) character set euckr',
    values: [encoded('euckr', 'bec8b3e7', '안녕')],
    damages: { 0: [target('안년')] },
  },
  {
    name: 'koi8r',
    type: 'varchar(30) character set koi8r',
    values: [encoded('koi8r', 'f0d2c9d7c5d4', 'Привет')],
    damages: { 0: [target('привет')] },
  },
  {
    name: 'utf16',
    type: 'varchar(30) character set utf16',
    values: [encoded('utf16', '00e9003fd83ddc69', 'é?👩')],
    damages: { 0: [target('é?')] },
  },
  { name: 'tinytext', type: 'tinytext', values: texts('', 'abc', 'a '), damages: { 0: ['NULL', "' '"], 2: ["'a'"] } },
  {
    name: 'longtext',
    type: 'longtext',
    values: texts('', 'short', WORDS, LONG, 'x'.repeat(1_000), 'x'.repeat(1_001)),
    damages: {
      0: ['NULL'],
      2: [target(WORDS.slice(0, -1)), target(`${WORDS} `)],
      3: [target(LONG.slice(0, -1)), target(`${'x'.repeat(40_000)}e`), target(`x${LONG}`)],
      4: ["repeat('x', 1001)"],
      5: ["repeat('x', 1000)", "encode(sha256(repeat('x', 1001)::bytea), 'hex')"],
    },
  },
  {
    name: 'mediumtext_latin1',
    type: 'mediumtext character set latin1',
    values: [encoded('latin1', 'e9'.repeat(20_000), 'é'.repeat(20_000))],
    damages: { 0: [target(`${'é'.repeat(19_999)}e`)] },
  },
];

const BYTES: TypeCorpus[] = [
  {
    name: 'binary16',
    type: 'binary(16)',
    values: [...bytes('00'.repeat(16), 'a3cda7d500a641118146591200000000'), ["X'41'", `'\\x41${'00'.repeat(15)}'`]],
    damages: {
      0: [`'\\x${'00'.repeat(15)}'`],
      1: ["'\\xa3cda7d500a64111814659120000'", "'\\xa3cda7d500a641118146591200000001'"],
    },
  },
  {
    name: 'varbinary',
    type: 'varbinary(300)',
    values: bytes('', '00', '0000', '7c', 'ff00'),
    damages: { 0: ['NULL', "'\\x00'"], 1: ["''", "'\\x0000'"] },
  },
  {
    name: 'blob',
    type: 'blob',
    values: bytes('', '00ff5c0a0d09', '41'),
    damages: { 0: ['NULL'], 1: ["'\\x00ff5c0a0d08'"], 2: ["'\\x61'"] },
  },
  {
    name: 'longblob',
    type: 'longblob',
    values: bytes('ab'.repeat(50_000)),
    damages: { 0: [`'\\x${'ab'.repeat(49_999)}ac'`] },
  },
];

const LABELS: TypeCorpus[] = [
  { name: 'enum', type: "enum('new','paid')", values: quoted('new', 'paid'), damages: { 0: ["'paid'", 'NULL'] } },
  {
    name: 'enum_odd',
    type: "enum('','b|c','x,y','it''s','é','A')",
    values: same("''", "'b|c'", "'x,y'", "'it''s'", "'é'", "'A'"),
    damages: { 0: ['NULL', "'A'"], 1: ["'x,y'"] },
  },
  {
    name: 'set',
    type: "set('read','write','run')",
    values: [
      ["'read,run'", "'{read,run}'"],
      ["''", "'{}'"],
      ["'run,write,read'", "'{read,write,run}'"],
    ],
    damages: { 0: ["'{run,read}'", "'{read}'", "'{read,write,run}'"], 1: ['NULL', "'{run}'"] },
  },
  {
    name: 'set_odd',
    type: `set('with space','a"b','back\\\\slash','NULL','{x}')`,
    values: [
      [`'with space,a"b,back\\\\slash,NULL,{x}'`, `array['with space','a"b','back\\slash','NULL','{x}']`],
      ["'NULL'", "array['NULL']"],
      ["''", "'{}'"],
    ],
    damages: { 1: ["array['{x}']"] },
  },
];

export const TEXT_LIKE: readonly TypeCorpus[] = [...TEXTS, ...BYTES, ...LABELS];
