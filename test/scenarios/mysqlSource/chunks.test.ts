import { rangesBetween } from '../../../domain/keys';
import { query } from '../../helpers/databases';
import { FLAVOURS, NEVER, planned, readAll, SourceStage, type Flavour } from './stage';

/** A table by its key: `n` numbers the rows, so that each must be seen once. */
interface KeyCase {
  readonly name: string;
  readonly only?: Flavour;
  /** Columns and keys; the chunk key is the primary one unless `key` names another. */
  readonly columns: string;
  /** The key's values for row number `i`. */
  readonly values: string;
  readonly key?: readonly string[];
  /** How many rows; 1000 unless the key has not as many values. */
  readonly rows?: number;
  /** False where the table is one chunk. */
  readonly cut?: false;
}

const HASHED = 'SHA2(i, 256)';

const CASES: readonly KeyCase[] = [
  { name: 'dense integers', columns: 'id INT PRIMARY KEY', values: 'i' },
  { name: 'negative integers', columns: 'id INT PRIMARY KEY', values: 'i - 700' },
  {
    name: 'unsigned 64-bit integers at the top',
    columns: 'id BIGINT UNSIGNED PRIMARY KEY',
    values: '18446744073709551615 - i',
  },
  { name: 'integers with gaps', columns: 'id BIGINT PRIMARY KEY', values: 'i * i * 1000 - 5000000' },
  { name: 'integers far apart', columns: 'id BIGINT PRIMARY KEY', values: '(i - 500) * 18000000000000000' },
  { name: 'zero-filled integers', columns: 'id INT(8) ZEROFILL PRIMARY KEY', values: 'i * 7' },
  { name: 'two integers', columns: 'a INT, b INT, PRIMARY KEY (a, b)', values: 'i % 7, i' },
  {
    name: 'three columns of three types',
    columns: 'a INT, b VARCHAR(10), c DATE, PRIMARY KEY (a, b, c)',
    values: "i % 3, CONCAT('k', i % 11), '2020-01-01' + INTERVAL i DAY",
  },
  { name: 'a descending index', columns: 'a INT, b INT, PRIMARY KEY (a DESC, b DESC)', values: 'i % 9, i' },
  { name: 'an index up and down', columns: 'a INT, b INT, PRIMARY KEY (a, b DESC)', values: 'i % 9, i' },
  {
    name: 'text without regard to case',
    columns: 't VARCHAR(40) COLLATE utf8mb4_general_ci PRIMARY KEY',
    values: "CONCAT(IF(i % 2, 'K', 'k'), i, IF(i % 3, '_', '%'))",
  },
  {
    name: 'text by the Unicode algorithm',
    columns: 't VARCHAR(80) COLLATE utf8mb4_unicode_ci PRIMARY KEY',
    values: `CONCAT(ELT(1 + i % 6, 'é', 'E', 'ß', '😀', '-', ' '), ${HASHED})`,
  },
  {
    name: 'text of MySQL 8',
    only: 'mysql',
    columns: 't VARCHAR(80) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY',
    values: `CONCAT(ELT(1 + i % 6, 'é', 'E', 'ß', '😀', '-', ' '), ${HASHED})`,
  },
  {
    name: 'text by bytes, with quotes and backslashes',
    columns: 't VARCHAR(80) COLLATE utf8mb4_bin PRIMARY KEY',
    values: `CONCAT(ELT(1 + i % 5, '''', '\\\\', '"', '\\n', '%'), ${HASHED})`,
  },
  {
    name: 'latin1 text with a German order',
    columns: 't VARCHAR(80) CHARACTER SET latin1 COLLATE latin1_german2_ci PRIMARY KEY',
    values: "CONCAT(ELT(1 + i % 5, 'ä', 'ae', 'Z', '€', 'ß'), i)",
  },
  {
    name: 'gbk text',
    columns: 't VARCHAR(80) CHARACTER SET gbk PRIMARY KEY',
    values: "CONCAT(ELT(1 + i % 3, '你', '好', 'a'), i)",
  },
  {
    name: 'utf16 text',
    columns: 't VARCHAR(40) CHARACTER SET utf16 PRIMARY KEY',
    values: "CONCAT(ELT(1 + i % 3, '你', '😀', 'a'), i)",
  },
  { name: 'fixed text with trailing spaces', columns: 't CHAR(20) PRIMARY KEY', values: "CONCAT(i, '  ')" },
  {
    name: 'a Danish order',
    columns: 't VARCHAR(40) COLLATE utf8mb4_danish_ci PRIMARY KEY',
    values: "CONCAT(ELT(1 + i % 5, 'aa', 'å', 'z', 'ø', 'A'), i)",
  },
  { name: 'binary strings', columns: 'b BINARY(16) PRIMARY KEY', values: `UNHEX(LEFT(${HASHED}, 32))` },
  {
    name: 'binary strings with zero bytes',
    columns: 'b VARBINARY(10) PRIMARY KEY',
    values: "CONCAT(REPEAT(X'00', i % 5), X'FF', UNHEX(LPAD(HEX(i), 4, '0')))",
  },
  {
    name: 'uuids as text',
    columns: 't CHAR(36) CHARACTER SET ascii PRIMARY KEY',
    values: `INSERT(LEFT(${HASHED}, 36), 9, 1, '-')`,
  },
  {
    name: 'uuids',
    only: 'mariadb',
    columns: 'u UUID PRIMARY KEY',
    values: `INSERT(INSERT(LEFT(${HASHED}, 32), 13, 1, ELT(1 + i % 3, '1', '4', '7')), 17, 1, '8')`,
  },
  { name: 'addresses', only: 'mariadb', columns: 'a INET6 PRIMARY KEY', values: "CONCAT('2001:db8::', HEX(i))" },
  { name: 'labels and a number', columns: "e ENUM('z','a','m','b'), b INT, PRIMARY KEY (e, b)", values: 'i % 5, i' },
  { name: 'a set and a number', columns: "s SET('z','a','m'), b INT, PRIMARY KEY (s, b)", values: 'i % 8, i' },
  { name: 'labels alone', columns: "e ENUM('z','a','m','b') PRIMARY KEY", values: 'i', rows: 4 },
  { name: 'decimals', columns: 'd DECIMAL(30,10) PRIMARY KEY', values: '(i - 500) * 1.0000000001' },
  { name: 'doubles', columns: 'd DOUBLE PRIMARY KEY', values: '(i - 500) / 7' },
  { name: 'tiny and huge doubles', columns: 'd DOUBLE PRIMARY KEY', values: 'POW(10, i - 300)', rows: 600 },
  { name: 'bits', columns: 'b BIT(40) PRIMARY KEY', values: 'i * 1000000' },
  {
    name: 'dates, some of them zero or partial',
    columns: 'd DATE, b INT, PRIMARY KEY (d, b)',
    values: "ELT(1 + i % 4, '0000-00-00', '2020-00-00', '2020-05-00', '2020-05-05' + INTERVAL i DAY), i",
  },
  {
    name: 'times to the microsecond',
    columns: 'd DATETIME(6) PRIMARY KEY',
    values: "'2020-03-29 00:00:00' + INTERVAL i * 37 MICROSECOND",
  },
  {
    name: 'instants over a change of clocks',
    columns: 't TIMESTAMP(3) PRIMARY KEY',
    values: "'2020-03-29 00:00:00' + INTERVAL i MINUTE",
  },
  {
    name: 'spans of time on both sides of zero',
    columns: 't TIME(3) PRIMARY KEY',
    values: 'SEC_TO_TIME((i - 500) * 6000.125)',
  },
  {
    name: 'years, the year zero with them',
    columns: 'y YEAR, b INT, PRIMARY KEY (y, b)',
    values: 'IF(i % 3, 1901 + i % 255, 0), i',
  },
  {
    name: 'a unique index beside the primary key',
    columns: 'id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(20) NOT NULL, UNIQUE KEY `by a` (a)',
    values: "NULL, CONCAT('x', i)",
    key: ['a'],
  },
  {
    name: 'a unique index that the server ignores',
    columns:
      'id INT AUTO_INCREMENT PRIMARY KEY, a INT NOT NULL, UNIQUE KEY hidden (a) /*!80000 INVISIBLE */ /*M!100600 IGNORED */',
    values: 'NULL, i * 99',
    key: ['a'],
  },
  {
    name: 'names that need quotes',
    columns: '`a ``b` INT, `select` INT, PRIMARY KEY (`a ``b`, `select`)',
    values: 'i % 4, i',
  },
  {
    name: 'partitions',
    columns: 'id INT, d DATE, PRIMARY KEY (id, d)',
    values: "i * 3, '2020-01-01' + INTERVAL i DAY",
  },
  { name: 'no key', columns: 'a INT', values: 'i % 3', cut: false },
];

function load({ name, columns, values, rows = 1000 }: KeyCase, flavour: Flavour): string {
  const partitions = name === 'partitions' ? 'PARTITION BY HASH (id) PARTITIONS 7' : '';
  const depth = flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  return `SET SESSION ${depth} = 100000;
    CREATE TABLE \`t x\` (${columns}, n INT NOT NULL) ${partitions};
    INSERT INTO \`t x\` WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows})
      SELECT ${values}, i FROM s;
    ANALYZE TABLE \`t x\`;`;
}

describe.each(FLAVOURS)('chunks of a %s table cover each row once', (flavour) => {
  const cases = CASES.filter(({ only }) => only === undefined || only === flavour);

  test.each(cases)('by $name', async (given) => {
    await using stage = await SourceStage.open(flavour, load(given, flavour));
    const table = planned(await stage.table('t x'), given.key);
    const rows = given.rows ?? 1000;
    const wanted = Math.ceil(rows / 13);
    const bounds = await stage.source.chunkBounds(table, wanted, NEVER);
    const ranges = rangesBetween(bounds);
    expect(ranges.length).toBeGreaterThan(given.cut === false ? 0 : Math.min(3, rows - 1));

    const chunks: number[][] = [];
    for (const range of ranges)
      chunks.push((await readAll(stage.source, table, range)).map((row) => Number(row.at(-1))));
    expect(chunks.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
    // A chunk is about as large as asked for, and never much larger.
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(
      given.cut === false ? rows : wanted * 2,
    );
  });

  test('an empty table is one empty chunk', async () => {
    await using stage = await SourceStage.open(
      flavour,
      'CREATE TABLE e (id INT PRIMARY KEY, t VARCHAR(9), UNIQUE (t))',
    );
    const table = planned(await stage.table('e'));
    expect(await stage.source.chunkBounds(table, 10, NEVER)).toEqual([]);
    expect(await readAll(stage.source, table)).toEqual([]);
  });

  test('bounds are the canonical text of the values, bytes in lower-case hex', async () => {
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE k (i INT(6) ZEROFILL, d DECIMAL(6,2), f DOUBLE, da DATE, ts TIMESTAMP(2), y YEAR, b VARBINARY(4), PRIMARY KEY (i, d, f, da, ts, y, b));
       INSERT INTO k VALUES (7, -1.50, 0.1, '2020-01-02', '2020-01-02 03:04:05.67', 2020, X'00FF0A')`,
    );
    const table = planned(await stage.table('k'));
    const [bound] = await stage.source.chunkBounds(table, 1, NEVER);
    expect(bound).toEqual(['7', '-1.50', '0.1', '2020-01-02', '2020-01-02 03:04:05.67', '2020', '00ff0a']);
    expect(await readAll(stage.source, table, { after: null, upTo: bound! })).toHaveLength(1);
    expect(await readAll(stage.source, table, { after: bound!, upTo: null })).toHaveLength(0);
  });
});

describe.each(FLAVOURS)('a range of a %s table', (flavour) => {
  test.each([
    [
      'composite key',
      'a INT, b VARCHAR(20) COLLATE utf8mb4_unicode_ci, PRIMARY KEY (a, b)',
      "i DIV 100, CONCAT('k', i)",
    ],
    ['labels', "a ENUM('x','y','z','u','v'), b INT, PRIMARY KEY (a, b)", '1 + i % 5, i'],
    ['unique index', 'a VARCHAR(20) NOT NULL, b INT PRIMARY KEY, UNIQUE (a)', "CONCAT('k', i), i"],
  ])('of a %s reads the index, not the table', async (_, columns, values) => {
    await using stage = await SourceStage.open(flavour, load({ name: '', columns, values, rows: 5000 }, flavour));
    const table = planned(await stage.table('t x'), columns.includes('UNIQUE') ? ['a'] : undefined);
    const [first, second] = await stage.source.chunkBounds(table, 500, NEVER);
    const before = await rowsRead(stage);
    expect(await readAll(stage.source, table, { after: first!, upTo: second! })).toHaveLength(500);
    expect((await rowsRead(stage)) - before).toBeLessThan(1500);
  });
});

/** Rows that the storage engine has handed over from the database's tables. */
async function rowsRead(stage: SourceStage): Promise<number> {
  const rows = await query(
    stage.url,
    `SELECT COALESCE(SUM(COUNT_FETCH), 0) AS fetched FROM performance_schema.table_io_waits_summary_by_table
     WHERE OBJECT_SCHEMA = DATABASE()`,
  );
  return Number(rows[0]?.['fetched']);
}
