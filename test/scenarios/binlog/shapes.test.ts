import { FLAVOURS, readAll, type Flavour } from '../mysqlSource/stage';
import { execute, query } from '../../helpers/databases';
import { codeOf, follow } from './following';
import { LogStage } from './stage';
import { openSource, settingsOf } from '../mysqlSource/stage';

/** A shape of a table, and what is written to it. */
interface Shape {
  readonly name: string;
  readonly create: string;
  readonly writes: readonly string[];
  readonly only?: Flavour;
}

const SHAPES: readonly Shape[] = [
  {
    name: 'generated columns, stored or not, within the others',
    create: `CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, b VARCHAR(9), s INT AS (a + 2) STORED, c INT)`,
    writes: ["INSERT INTO t (id, a, b, c) VALUES (1, 5, 'x', 7), (2, NULL, NULL, 8)", 'UPDATE t SET a = 6'],
  },
  {
    name: 'columns that nobody sees',
    create: 'CREATE TABLE t (id INT PRIMARY KEY, a INT INVISIBLE, b INT)',
    writes: ['INSERT INTO t (id, a, b) VALUES (1, 2, 3)'],
  },
  {
    name: 'indexes on expressions, and a key that the server made',
    create: `SET sql_generate_invisible_primary_key = 1;
     CREATE TABLE t (a VARCHAR(20), j JSON, KEY ((lower(a))), KEY ((CAST(j->'$[*]' AS UNSIGNED ARRAY))))`,
    writes: [`INSERT INTO t (a, j) VALUES ('X', '[1, 2]')`, "UPDATE t SET a = 'Y'"],
    only: 'mysql',
  },
  {
    name: 'formats of times from before MySQL 5.6',
    create: `SET GLOBAL mysql56_temporal_format = 0;
     CREATE TABLE t (id INT PRIMARY KEY, a DATETIME, b TIMESTAMP NULL, c TIME, d DATE);
     SET GLOBAL mysql56_temporal_format = 1`,
    writes: [
      "INSERT INTO t VALUES (1, '2024-02-29 12:34:56', '2038-01-19 03:14:07', '-838:59:59', '2024-02-29')",
      "INSERT INTO t VALUES (2, '0000-00-00 00:00:00', '0000-00-00 00:00:00', '00:00:01', '0000-00-00')",
    ],
    only: 'mariadb',
  },
  {
    name: 'more columns than a byte counts, and none of the last ones',
    create: `CREATE TABLE t (id INT PRIMARY KEY, ${Array.from({ length: 300 }, (_, n) => `c${n} TINYINT`).join(', ')})`,
    writes: ['INSERT INTO t (id, c7, c299) VALUES (1, -7, 8)', 'UPDATE t SET c298 = 1, c7 = NULL'],
  },
  {
    name: 'partitions',
    create: 'CREATE TABLE t (id INT PRIMARY KEY, a INT) PARTITION BY HASH (id) PARTITIONS 3',
    writes: [
      'INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)',
      'UPDATE t SET id = id + 10, a = 4',
      'DELETE FROM t WHERE id = 12',
    ],
  },
];

describe.each(FLAVOURS)('a table in %s with', (flavour) => {
  test.each(SHAPES.filter(({ only }) => only === undefined || only === flavour))(
    '$name is followed to what a SELECT shows',
    async ({ create, writes }) => {
      await using stage = await LogStage.open(flavour, create);
      await stage.write("SET SESSION sql_mode = '', time_zone = '+00:00'", ...writes);
      const rows = new Set<string>();
      for (const { before, after } of (await stage.follow()).changes) {
        if (before !== null) expect(rows.delete(JSON.stringify(before))).toBe(true);
        if (after !== null) rows.add(JSON.stringify(after));
      }
      const read = await readAll(stage.source, stage.plans[0]!);
      expect([...rows].sort()).toEqual(read.map((row) => JSON.stringify(row)).sort());
    },
  );
});

test('a table of mariadb that keeps versions of its rows is refused', async () => {
  const create = 'CREATE TABLE t (id INT PRIMARY KEY, a INT) WITH SYSTEM VERSIONING';
  await using stage = await LogStage.open('mariadb', create);
  await stage.write('INSERT INTO t VALUES (1, 2)');
  expect(await codeOf(stage.follow())).toBe('LOG_UNREADABLE');
});

describe.each(FLAVOURS)('a user of %s', (flavour) => {
  test('who may not read the log is told so', async () => {
    await using stage = await LogStage.open(flavour, 'CREATE TABLE t (id INT PRIMARY KEY)');
    const name = stage.database.slice(0, 30);
    await execute(stage.url, `CREATE USER '${name}' IDENTIFIED BY 'aB1-secret'; GRANT SELECT ON *.* TO '${name}'`);
    try {
      const url = new URL(stage.url);
      [url.username, url.password] = [name, 'aB1-secret'];
      await using source = await openSource(settingsOf(url.href));
      const following = follow(source.changes!, stage.plans, stage.from, stage.from);
      expect(await codeOf(following)).toBe('PRIVILEGE_MISSING');
    } finally {
      await query(stage.url, `DROP USER '${name}'`);
    }
  });
});
