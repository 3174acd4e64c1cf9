import { fillTables, withLanes } from '../../scripts/shop/lanes';
import { column, createStatement, type ShopTable } from '../../scripts/shop/table';
import { query } from './databases';
import type { FaultsSource } from './faultsSource';

/** One of the expressions, by turns; with a prime number of them, columns do not go in step. */
function byTurns(...expressions: readonly string[]): string {
  return `CASE n MOD ${expressions.length} ${expressions.map((each, turn) => `WHEN ${turn} THEN ${each}`).join(' ')} END`;
}

const HASH = 'SHA2(n, 256)';
const HARD_TEXT = `'tab\\t, line\\r\\n, back\\\\slash, ''quote'', "double", %, \\\\N and 😀 '`;

/** Every type that is moved, each with its least, its most, its empty and its unusual values, and with none. */
const COLUMNS = [
  column('id', 'BIGINT UNSIGNED NOT NULL', 'n * 3'),
  column('tiny', 'TINYINT', byTurns('-128', '127', 'NULL', '0', 'n MOD 100')),
  column('flag', 'TINYINT(1)', byTurns('0', '1', 'NULL')),
  column('small', 'SMALLINT UNSIGNED', byTurns('65535', '0', 'n MOD 65536', 'NULL', '1')),
  column('medium', 'MEDIUMINT', byTurns('-8388608', '8388607', 'n')),
  column('whole', 'INT', byTurns('-2147483648', '2147483647', '-n', 'NULL', '0')),
  column('big', 'BIGINT', byTurns('-9223372036854775808', '9223372036854775807', 'n * 1000003')),
  column('huge', 'BIGINT UNSIGNED', byTurns('18446744073709551615', 'NULL', 'n', '0', '9223372036854775808')),
  column(
    'exact',
    'DECIMAL(65,30)',
    byTurns('-0.000000000000000000000000000001', "REPEAT('9', 35)", 'n / 7', 'NULL', '0'),
  ),
  column('price', 'DECIMAL(10,2)', byTurns('-99999999.99', '99999999.99', 'n / 100')),
  column('single', 'FLOAT', byTurns('n MOD 8000 / 8', '-0.5', 'NULL')),
  column('ratio', 'DOUBLE', byTurns('n / 8', '-1.5e300', '2.5e-300', 'NULL', '0')),
  column('bits', 'BIT(12)', byTurns('2730', '0', 'n MOD 4096', 'NULL', '4095')),
  column('code', 'CHAR(10)', byTurns("''", "CONCAT('c', n MOD 1000)", 'NULL')),
  column(
    'words',
    'VARCHAR(200)',
    byTurns(`CONCAT(${HARD_TEXT}, n)`, "''", 'NULL', "'ends in blanks  '", `CONCAT('漢字 ', n)`),
  ),
  column('latin', 'VARCHAR(60) CHARACTER SET latin1', byTurns("'Größe €'", 'NULL', "CONCAT('ÿ', n)")),
  column('chinese', 'VARCHAR(60) CHARACTER SET gbk', byTurns("'中文'", "CONCAT('丂', n)", 'NULL')),
  column(
    'story',
    'LONGTEXT',
    byTurns(`REPEAT('wörter ', n MOD 50)`, 'NULL', 'n', "''", `IF(n MOD 500 = 4, REPEAT('long ', 40000), 'short')`),
  ),
  column('fixed', 'BINARY(8)', byTurns(`LEFT(UNHEX(${HASH}), 8)`, "x'00'", 'NULL')),
  column(
    'picture',
    'LONGBLOB',
    byTurns(`UNHEX(${HASH})`, "''", 'NULL', "x'00ff0a0d5c'", `IF(n MOD 500 = 9, REPEAT(UNHEX(${HASH}), 9000), x'00')`),
  ),
  column('state', "ENUM('new', 'it''s', 'größer', '')", byTurns("'new'", "'it''s'", "'größer'", "''", 'NULL')),
  column('labels', "SET('a', 'b', 'größer')", byTurns("'a,größer'", "''", 'NULL', "'a,b,größer'", "'b'")),
  column(
    'document',
    'JSON',
    byTurns(
      `JSON_OBJECT('n', n, 'list', JSON_ARRAY(1, NULL, 'ü'), 'tag', ${HARD_TEXT})`,
      "'null'",
      'NULL',
      "'[]'",
      "'18446744073709551615'",
    ),
  ),
  column(
    'day',
    'DATE',
    byTurns("'1000-01-01'", "'9999-12-31'", "DATE_ADD('1900-01-01', INTERVAL n DAY)", 'NULL', "'2024-02-29'"),
  ),
  column(
    'at',
    'DATETIME(6)',
    byTurns("'1000-01-01'", "'9999-12-31 23:59:59.999999'", "TIMESTAMPADD(MICROSECOND, n * 7777777, '1950-05-05')"),
  ),
  column(
    'changed',
    'TIMESTAMP(3) NULL',
    byTurns(
      "'1970-01-01 00:00:01'",
      "'2038-01-19 03:14:07.999'",
      'NULL',
      "TIMESTAMPADD(SECOND, n, '2020-10-25')",
      "'2021-03-28 02:30:00.5'",
    ),
  ),
  column(
    'span',
    'TIME(6)',
    byTurns("'-838:59:59'", "'838:59:59'", "'-00:00:00.5'", 'NULL', 'SEC_TO_TIME(n MOD 86400)'),
  ),
  column('vintage', 'YEAR', byTurns('1901', '2155', '2000 + n MOD 100', 'NULL', '0')),
];

/** A large table that can be told by its every row whether one was lost, doubled or changed. */
export function everyKind(rows: number): FaultsSource {
  const table: ShopTable = {
    name: 'every_kind',
    rows,
    columns: COLUMNS,
    constraints: ['PRIMARY KEY (`id`)', 'UNIQUE KEY `by_at` (`at`, `id`)', 'KEY `by_code` (`code`)'],
    afterwards: [],
    options: 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
  };
  return {
    load: async (url) => {
      await withLanes(url, async (lanes) => {
        await lanes[0].query(createStatement(table));
        await fillTables(lanes, [table]);
      });
      await query(url, 'ANALYZE TABLE every_kind');
    },
    built: { indexes: 3, foreignKeys: 0, invalid: 0 },
  };
}
