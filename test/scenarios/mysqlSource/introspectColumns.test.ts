import type { Column } from '../../../domain/catalog';
import { FLAVOURS, SourceStage, type Flavour } from './stage';

/** A column's declaration, and what the catalog says of it. */
type ColumnCase = readonly [declaration: string, expected: Partial<Column>, only?: Flavour];

const literal = (text: string) => ({ kind: 'literal', text }) as const;
const integer = (bits: 8 | 16 | 24 | 32 | 64, unsigned = false) => ({ kind: 'integer', bits, unsigned }) as const;
const text = (length: number | null) => ({ kind: 'text', length }) as const;
const bytes = (length: number | null, fixed = false) => ({ kind: 'bytes', length, fixed }) as const;

const COLUMNS: readonly ColumnCase[] = [
  [
    'TINYINT(1) NOT NULL DEFAULT TRUE',
    { type: { ...integer(8), display1: true }, nullable: false, default: literal('1') },
  ],
  ['TINYINT UNSIGNED DEFAULT 7', { type: integer(8, true), default: literal('7'), nullable: true }],
  ["SMALLINT DEFAULT '-3'", { type: integer(16), default: literal('-3') }],
  ['SMALLINT(5) ZEROFILL', { type: integer(16, true), default: null }],
  ['MEDIUMINT', { type: integer(24) }],
  ['INT(1) UNSIGNED', { type: integer(32, true) }],
  ['BIGINT', { type: integer(64) }],
  [
    'BIGINT UNSIGNED DEFAULT 18446744073709551615',
    { type: integer(64, true), default: literal('18446744073709551615') },
  ],
  ['DECIMAL', { type: { kind: 'decimal', precision: 10, scale: 0 } }],
  [
    "DECIMAL(65,30) DEFAULT '1.50'",
    { type: { kind: 'decimal', precision: 65, scale: 30 }, default: literal(`1.5${'0'.repeat(29)}`) },
  ],
  ['FLOAT DEFAULT 1.5', { type: { kind: 'real' }, default: literal('1.5') }],
  ['FLOAT(10,2)', { type: { kind: 'real' } }],
  ['FLOAT(25)', { type: { kind: 'double' } }],
  ['DOUBLE DEFAULT 1e-7', { type: { kind: 'double' }, default: literal('0.0000001') }],
  ["BIT DEFAULT b'1'", { type: { kind: 'bits', length: 1 }, default: literal('1') }],
  ["BIT(12) DEFAULT b'101'", { type: { kind: 'bits', length: 12 }, default: literal('000000000101') }],
  ["CHAR(5) DEFAULT 'a''b\\\\c'", { type: text(5), default: literal("a'b\\c") }],
  ["VARCHAR(30) DEFAULT 'CURRENT_TIMESTAMP'", { type: text(30), default: literal('CURRENT_TIMESTAMP') }],
  ["VARCHAR(30) DEFAULT 'NULL'", { default: literal('NULL') }],
  ["VARCHAR(30) DEFAULT ''", { default: literal('') }],
  ['VARCHAR(30) DEFAULT NULL', { default: null }],
  ["VARCHAR(30) DEFAULT 'tab\\tline\\nnul\\0😀é'", { default: literal('tab\tline\nnul\0😀é') }],
  [
    "VARCHAR(30) NOT NULL DEFAULT 'x' COMMENT 'it''s \\\\ \"c\"'",
    { nullable: false, default: literal('x'), comment: 'it\'s \\ "c"' },
  ],
  [
    "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT '€'",
    { default: literal('€'), charset: 'latin1', collation: 'latin1_german1_ci' },
  ],
  ["VARCHAR(20) CHARACTER SET gbk DEFAULT '你'", { default: literal('你'), charset: 'gbk' }],
  ["BINARY(4) NOT NULL DEFAULT 'ab'", { nullable: false, default: { kind: 'bytes', hex: '61620000' } }],
  ['VARBINARY(4) NOT NULL DEFAULT 0x00FF27', { default: { kind: 'bytes', hex: '00ff27' } }, 'mysql'],
  // On an empty table MariaDB has no way to tell: better a finding than a guess.
  ['VARBINARY(4) NOT NULL DEFAULT 0x00FF27', { default: { kind: 'expression', sql: "'\\0\ufffd'''" } }, 'mariadb'],
  ["VARCHAR(9) NOT NULL DEFAULT '😀''\n'", { default: literal("😀'\n") }, 'mysql'],
  ["ENUM('x DEFAULT ''y''','y') NOT NULL DEFAULT 'y'", { default: literal('y') }],
  ['TINYTEXT', { type: text(null) }],
  ['LONGTEXT CHARACTER SET utf16', { type: text(null), charset: 'utf16' }],
  ["TEXT DEFAULT ('it''s')", { type: text(null), default: literal("it's") }],
  ["BINARY(4) DEFAULT 'ab'", { type: bytes(4, true), default: { kind: 'bytes', hex: '61620000' } }],
  ['VARBINARY(10) DEFAULT 0x00FF27', { type: bytes(10), default: { kind: 'bytes', hex: '00ff27' }, charset: null }],
  ["VARBINARY(10) DEFAULT ''", { default: { kind: 'bytes', hex: '' } }],
  ['MEDIUMBLOB', { type: bytes(null), charset: null }],
  [
    "ENUM('a','b''c','d\\\\e','f,g','é','n\\nl','') DEFAULT 'b''c'",
    { type: { kind: 'enum', labels: ['a', "b'c", 'd\\e', 'f,g', 'é', 'n\nl', ''] }, default: literal("b'c") },
  ],
  [
    "ENUM('x') CHARACTER SET latin1 NOT NULL",
    { type: { kind: 'enum', labels: ['x'] }, default: null, charset: 'latin1' },
  ],
  ["SET('a','b','c') DEFAULT 'c,a'", { type: { kind: 'set', labels: ['a', 'b', 'c'] }, default: literal('a,c') }],
  ['JSON', { type: { kind: 'json' } }],
  ['JSON DEFAULT \'{"a": "it\'\'s"}\'', { type: { kind: 'json' }, default: literal('{"a": "it\'s"}') }, 'mariadb'],
  ["DATE DEFAULT '2020-01-02'", { type: { kind: 'date' }, default: literal('2020-01-02') }],
  ['DATE DEFAULT (CURDATE())', { default: { kind: 'expression', sql: 'curdate()' } }],
  [
    "DATETIME DEFAULT '0000-00-00 00:00:00'",
    { type: { kind: 'timestamp', precision: 0, zoned: false }, default: literal('0000-00-00 00:00:00') },
  ],
  [
    'DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)',
    {
      type: { kind: 'timestamp', precision: 6, zoned: false },
      default: { kind: 'now', precision: 6 },
      updatesItself: true,
    },
  ],
  [
    'TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
    {
      type: { kind: 'timestamp', precision: 0, zoned: true },
      default: { kind: 'now', precision: 0 },
      updatesItself: false,
    },
  ],
  ['TIMESTAMP(3) NULL', { type: { kind: 'timestamp', precision: 3, zoned: true }, nullable: true, default: null }],
  ["TIME(2) DEFAULT '-12:00:00'", { type: { kind: 'interval', precision: 2 }, default: literal('-12:00:00.00') }],
  ['YEAR DEFAULT 2020', { type: { kind: 'year' }, default: literal('2020') }],
  [
    "VARCHAR(9) DEFAULT (CONCAT('a', 'b'))",
    { default: { kind: 'expression', sql: "concat(_utf8mb4'a',_utf8mb4'b')" } },
    'mysql',
  ],
  ["VARCHAR(9) DEFAULT (CONCAT('a', 'b'))", { default: { kind: 'expression', sql: "concat('a','b')" } }, 'mariadb'],
  ['INT INVISIBLE', { type: integer(32) }],
  [
    "VARCHAR(9) AS (CONCAT('x''y', 1)) STORED",
    { generated: { expression: "concat(_utf8mb4'x\\'y',1)", stored: true }, default: null },
    'mysql',
  ],
  [
    "VARCHAR(9) AS (CONCAT('x''y', 1)) STORED",
    { generated: { expression: "concat('x\\'y',1)", stored: true }, default: null },
    'mariadb',
  ],
  ['INT AS (1 + 1) VIRTUAL', { generated: { expression: '(1 + 1)', stored: false } }, 'mysql'],
  ['UUID DEFAULT UUID()', { type: { kind: 'uuid' }, default: { kind: 'expression', sql: 'uuid()' } }, 'mariadb'],
  ["INET4 DEFAULT '1.2.3.4'", { type: { kind: 'inet', version: 4 }, default: literal('1.2.3.4') }, 'mariadb'],
  ["INET6 DEFAULT '::1'", { type: { kind: 'inet', version: 6 }, default: literal('::1') }, 'mariadb'],
  ['VARCHAR(99) COMPRESSED', { type: text(99), declaredType: 'varchar(99)' }, 'mariadb'],
  ['LONGTEXT CHECK (JSON_VALID(c))', { type: text(null) }, 'mariadb'],
  ['POINT', { type: { kind: 'unsupported', reason: 'spatial types are not moved yet' } }],
  ['GEOMETRYCOLLECTION', { type: { kind: 'unsupported', reason: 'spatial types are not moved yet' } }],
  ['VECTOR(3)', { type: { kind: 'unsupported', reason: 'vectors are not moved yet' } }, 'mysql'],
];

describe.each(FLAVOURS)('the catalog of a %s database', (flavour) => {
  test('tells each column: type, NULL, default, counter, generation, comment, character set', async () => {
    const cases = COLUMNS.filter(([, , only]) => only === undefined || only === flavour);
    const name = (index: number): string => `c${index}`;
    await using stage = await SourceStage.open(
      flavour,
      cases
        .map(
          ([declaration], index) =>
            `CREATE TABLE t${index} (id INT, ${name(index)} ${declaration.replace('(c)', `(${name(index)})`)});`,
        )
        .join('\n'),
    );
    const { tables } = await stage.source.introspect();
    const told = cases.map(([declaration], index) => {
      const column = tables.find((table) => table.name === `t${index}`)?.columns[1];
      return [declaration, column];
    });
    expect(told).toEqual(
      cases.map(([declaration, expected]): unknown[] => [declaration, expect.objectContaining(expected)]),
    );
  });

  test('knows labels beyond the basic plane, which the server prints as question marks', async () => {
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE reactions (id INT PRIMARY KEY, e ENUM('😀','b','what?','🎉') COLLATE utf8mb4_bin DEFAULT '🎉', s SET('👍','x','👎') COLLATE utf8mb4_bin);
       INSERT INTO reactions VALUES (1, '😀', '👍,x'), (2, 'b', '👎'), (3, NULL, ''), (4, '🎉', NULL)`,
    );
    const { columns } = await stage.table('reactions');
    expect(columns.map(({ type }) => type).slice(1)).toEqual([
      // No row has shown the third one.
      { kind: 'enum', labels: ['😀', 'b', 'what?', '🎉'], unread: [3] },
      { kind: 'set', labels: ['👍', 'x', '👎'] },
    ]);
    expect(columns[1]?.default).toEqual(literal('🎉'));
    await stage.run('DELETE FROM reactions');
    // Nothing tells them apart now, and a guess would mix them up.
    expect((await stage.table('reactions')).columns.map(({ type }) => type.kind)).toEqual([
      'integer',
      'unsupported',
      'unsupported',
    ]);
  });
});
