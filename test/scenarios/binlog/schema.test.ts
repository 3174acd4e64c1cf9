import { FLAVOURS } from '../mysqlSource/stage';
import { codeOf } from './following';
import { LogStage, told } from './stage';

const TABLES = `CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40), KEY v (v));
  CREATE TABLE \`o\`\`dd name\` (id INT PRIMARY KEY);
  CREATE TABLE other (id INT PRIMARY KEY, v VARCHAR(40))`;
const STREAMED = ['t', 'o`dd name'];

/** Each follows a row; `db` stands for the database's name. What else is understood: unit/binlogStatement. */
const STOPS: readonly (readonly [sql: string, tables: readonly string[]])[] = [
  ['/* a tool */ alter table db.t MODIFY v VARCHAR(50)', ['t']],
  ['ALTER TABLE other RENAME TO unrelated, ALGORITHM = COPY; RENAME TABLE unrelated TO x, t TO y', ['t']],
  ['DROP TABLE IF EXISTS nothing, other, `db`.`o``dd name`, t', ['o`dd name', 't']],
  ['DROP DATABASE db; CREATE DATABASE db', ['o`dd name', 't']],
];

/** They change nothing of what is streamed. */
const GOES_ON = [
  'ALTER TABLE other ADD COLUMN t INT',
  'CREATE TABLE IF NOT EXISTS t (id INT)',
  'CREATE TEMPORARY TABLE t (id INT); INSERT INTO t VALUES (100); DROP TEMPORARY TABLE t',
  'CREATE VIEW seen AS SELECT * FROM t',
  'CREATE TABLE copied AS SELECT * FROM t',
  'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = NEW.v',
  'DROP TRIGGER tr; DROP VIEW seen; DROP TABLE copied',
  'ANALYZE TABLE t; OPTIMIZE TABLE t',
  "CREATE USER IF NOT EXISTS t@localhost IDENTIFIED BY 'x-1Y'; GRANT SELECT ON db.t TO t@localhost; DROP USER t@localhost",
];

describe.each(FLAVOURS)('a statement on a table that is streamed from %s', (flavour) => {
  test.each(STOPS)('ends the stream in front of it: %s', async (sql, tables) => {
    await using stage = await LogStage.open(flavour, TABLES, STREAMED);
    const statements = sql.replaceAll(/\bdb\b/g, stage.database).split('; ');
    await stage.write("INSERT INTO t VALUES (1, 'a')", ...statements);
    const followed = await stage.follow();
    expect(told(followed)).toEqual([['t insert 1']]);
    expect(followed.schemaChange?.tables).toEqual(tables);
    expect(followed.schemaChange?.statement).toMatch(/ALTER|RENAME|CREATE INDEX|DROP|TRUNCATE/i);
    const { position, behind } = followed.schemaChange!;
    expect(stage.changes.contains(behind, position)).toBe(true);
    expect(stage.changes.contains(position, behind)).toBe(false);
    const again = await stage.follow(position);
    expect([told(again), again.schemaChange]).toEqual([[], followed.schemaChange]);
    expect((await stage.follow(behind)).schemaChange).toBeNull();
  });

  test('goes unnoticed when it changes nothing of it', async () => {
    await using stage = await LogStage.open(flavour, TABLES, STREAMED);
    for (const [index, sql] of GOES_ON.entries()) {
      await stage.write(
        ...sql.replaceAll(/\bdb\b/g, stage.database).split('; '),
        `INSERT INTO t VALUES (${index}, 'a')`,
      );
    }
    const followed = await stage.follow();
    expect(followed.schemaChange).toBeNull();
    expect(told(followed)).toEqual(GOES_ON.map((_, index) => [`t insert ${index}`]));
  });
});

describe.each(FLAVOURS)('a log of %s that would lose data is refused', (flavour) => {
  test.each([
    ["SET binlog_row_image = 'MINIMAL'", 'UPDATE t SET v = NULL', /t\.v is left out|t\.id is left out/],
    ["SET binlog_format = 'STATEMENT'", "UPDATE t SET v = 'b'", /statement instead of rows/],
  ])('%s', async (setting, sql, reason) => {
    await using stage = await LogStage.open(flavour, TABLES, STREAMED);
    await stage.write("INSERT INTO t VALUES (1, 'a')", setting, sql);
    const following = stage.follow();
    await expect(following).rejects.toThrow(reason);
    expect(await codeOf(following)).toBe('LOG_UNREADABLE');
  });

  test('a table that is not the planned one', async () => {
    await using stage = await LogStage.open(flavour, `${TABLES}; ALTER TABLE t ADD COLUMN w INT UNSIGNED`, STREAMED);
    await stage.write('ALTER TABLE t MODIFY w BIGINT UNSIGNED');
    const from = await stage.source.position();
    await stage.write("INSERT INTO t VALUES (1, 'a', 2)");
    await expect(stage.follow(from)).rejects.toThrow(/^t\.w has the type 8 in the log/);
  });
});

test('parts of JSON values in the log of mysql are refused', async () => {
  await using stage = await LogStage.open('mysql', 'CREATE TABLE t (id INT PRIMARY KEY, v JSON)');
  await stage.write(`INSERT INTO t VALUES (1, '{"a": "a long value that is there", "b": 2}')`);
  await stage.write("SET binlog_row_value_options = 'PARTIAL_JSON'", "UPDATE t SET v = JSON_SET(v, '$.b', 3)");
  expect(await codeOf(stage.follow())).toBe('LOG_UNREADABLE');
});
