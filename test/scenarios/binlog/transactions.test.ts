import { FLAVOURS } from '../mysqlSource/stage';
import { LogStage, told } from './stage';

const TABLES = `CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40));
  CREATE TABLE plain (id INT PRIMARY KEY, v VARCHAR(40)) ENGINE=MyISAM;
  CREATE TABLE other (id INT PRIMARY KEY)`;

/** What an application does whose transactions end in every way there is. */
describe.each(FLAVOURS)('transactions of %s', (flavour) => {
  test('are told when they are committed, and only then', async () => {
    await using stage = await LogStage.open(flavour, TABLES, ['t', 'plain']);
    await stage.write(
      ...['BEGIN', "INSERT INTO t VALUES (1, 'a')", 'INSERT INTO other VALUES (1)', "UPDATE t SET v = 'b'", 'COMMIT'],
      ...['BEGIN', "INSERT INTO t VALUES (2, 'a')", 'ROLLBACK'],
      ...['BEGIN', "INSERT INTO t VALUES (3, 'a')", 'SAVEPOINT s', "INSERT INTO t VALUES (4, 'a')", 'ROLLBACK TO s'],
      ...["INSERT INTO t VALUES (5, 'a')", 'COMMIT'],
      "INSERT INTO plain VALUES (6, 'a')",
      'DELETE FROM t WHERE id = 1',
    );
    const followed = await stage.follow();
    expect(told(followed)).toEqual([
      ['t insert 1', 't update 1'],
      ['t insert 3', 't insert 5'],
      ['plain insert 6'],
      ['t delete 1'],
    ]);
    for (const { committedAtMs } of followed.transactions) {
      expect(Math.abs(committedAtMs - Date.now())).toBeLessThan(20_000);
    }
  });

  test('that the log itself rolls back, wholly or in part, are told as the tables show them', async () => {
    await using stage = await LogStage.open(flavour, TABLES, ['t', 'plain']);
    await stage.write(
      // MariaDB logs what follows a temporary table's making, even when it is rolled back.
      ...['BEGIN', "INSERT INTO t VALUES (1, 'a')", 'CREATE TEMPORARY TABLE x (id INT)', 'SAVEPOINT s'],
      ...["INSERT INTO t VALUES (2, 'a')", 'DROP TEMPORARY TABLE x', 'ROLLBACK TO s', "INSERT INTO t VALUES (3, 'a')"],
      'COMMIT',
      ...['BEGIN', "INSERT INTO t VALUES (4, 'a')", 'CREATE TEMPORARY TABLE x (id INT)', 'ROLLBACK'],
      "INSERT INTO plain VALUES (5, 'a')",
      "INSERT INTO t VALUES (6, 'a')",
    );
    const rows = await stage.follow();
    expect(told(rows)).toEqual([['t insert 1', 't insert 3'], ['plain insert 5'], ['t insert 6']]);
  });

  test('that are prepared are told when they are committed, also by a stream that begins between', async () => {
    await using stage = await LogStage.open(flavour, TABLES, ['t']);
    await stage.write("XA START 'one', 'b', 7", "INSERT INTO t VALUES (1, 'a')", "XA END 'one', 'b', 7");
    await stage.write("XA PREPARE 'one', 'b', 7");
    const between = await stage.follow();
    expect(told(between)).toEqual([]);
    await stage.write("XA COMMIT 'one', 'b', 7");
    await stage.write("INSERT INTO t VALUES (2, 'a')");
    await stage.write("XA START 'two'", "INSERT INTO t VALUES (3, 'a')", "XA END 'two'", "XA PREPARE 'two'");
    await stage.write("XA ROLLBACK 'two'");
    await stage.write(
      "XA START 'three'",
      "INSERT INTO t VALUES (4, 'a')",
      "XA END 'three'",
      "XA COMMIT 'three' ONE PHASE",
    );
    await stage.write("XA START 'four'", 'INSERT INTO other VALUES (5)', "XA END 'four'", "XA PREPARE 'four'");
    await stage.write("XA COMMIT 'four'");
    const expected = [['t insert 1'], ['t insert 2'], ['t insert 4']];
    expect(told(await stage.follow())).toEqual(expected);
    const resumed = await stage.follow(between.position);
    expect(told(resumed)).toEqual(expected);
    expect(resumed.position).not.toHaveProperty('prepared');
  });

  test('tell whether the log has what foreign keys did', async () => {
    const tables = `CREATE TABLE parent (id INT PRIMARY KEY);
      CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)`;
    await using stage = await LogStage.open(flavour, tables);
    await stage.write('INSERT INTO parent VALUES (1), (2)', 'INSERT INTO child VALUES (10, 1), (20, 2)');
    const from = await stage.source.position();
    await stage.write('SET foreign_key_checks = 1', 'DELETE FROM parent WHERE id = 1');
    await stage.write('SET foreign_key_checks = 0', 'DELETE FROM parent WHERE id = 2');
    const { changes } = await stage.follow(from);
    expect(changes.map(({ table, before, cascadesLogged }) => [table, before?.[0], cascadesLogged])).toEqual(
      flavour === 'mysql'
        ? [
            ['child', '10', true],
            ['parent', '1', true],
            ['parent', '2', true],
          ]
        : [
            ['parent', '1', false],
            ['parent', '2', true],
          ],
    );
  });
});
