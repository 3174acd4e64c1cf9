import { mysqlSessions } from '../../helpers/databases';
import { connect, FLAVOURS, NEVER, SourceStage, until } from './stage';

describe.each(FLAVOURS)('what the data of a %s table proves', (flavour) => {
  test('is counted exactly: ranges, times of day, zero dates, NUL characters, unknown labels', async () => {
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE t (
         flag TINYINT(1), plain TINYINT(1), big BIGINT UNSIGNED, n INT, clock TIME(3), span TIME, day DATE NOT NULL, dt DATETIME(6), ts TIMESTAMP NULL,
         t TEXT, wide VARCHAR(20) CHARACTER SET utf16, ci VARCHAR(20) CHARACTER SET latin1, j JSON, e ENUM('a','') , b BLOB);
       INSERT INTO t VALUES
         (0, 2, 18446744073709551615, 1, '00:00:00', '-00:00:01', '0000-00-00', '2020-01-02', '2020-01-02', 'a\\0b', 'a\\0b', 'a\\0b', '{"a": "\\\\u0000"}', 'nothing', '\\0'),
         (1, -1, 5, 2, '24:00:00', '24:00:01', '2020-00-05', '0000-01-01', '0000-00-00', 'ab', 'ab', 'ab', '{}', 'a', 'x'),
         (NULL, NULL, NULL, NULL, NULL, NULL, '2020-05-00', '2020-00-00', NULL, NULL, NULL, NULL, NULL, '', NULL),
         (1, 127, 9223372036854775808, 3, '23:59:59.999', '00:00:00', '2020-05-06', NULL, NULL, '', '', '', NULL, NULL, NULL);`,
    );
    expect(await stage.source.profile(await stage.table('t'), NEVER)).toEqual({
      rows: 4,
      columns: {
        flag: { min: '0', max: '1' },
        plain: { min: '-1', max: '127' },
        big: { min: '5', max: '18446744073709551615' },
        clock: { withinDay: true },
        span: { withinDay: false },
        day: { zeroDates: 3 },
        dt: { zeroDates: 2 },
        ts: { zeroDates: 1 },
        t: { nulCharacters: 1 },
        wide: { nulCharacters: 1 },
        ci: { nulCharacters: 1 },
        e: { invalidEnums: 1 },
      },
      orphans: {},
    });
  });

  test('of an empty table is that nothing speaks against anything', async () => {
    await using stage = await SourceStage.open(
      flavour,
      "CREATE TABLE t (flag TINYINT(1), clock TIME, day DATE, t TEXT, e ENUM('a'))",
    );
    expect(await stage.source.profile(await stage.table('t'), NEVER)).toEqual({
      rows: 0,
      columns: {
        flag: { min: null, max: null },
        clock: { withinDay: true },
        day: { zeroDates: 0 },
        t: { nulCharacters: 0 },
        e: { invalidEnums: 0 },
      },
      orphans: {},
    });
  });

  test('says how many rows break each foreign key, by the rules of NULL and of exact text', async () => {
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE parent (a INT, t VARCHAR(20) COLLATE utf8mb4_general_ci, PRIMARY KEY (a, t), KEY (t));
       CREATE TABLE child (
         id INT PRIMARY KEY, a INT, t VARCHAR(20) COLLATE utf8mb4_general_ci, boss INT, gone INT,
         CONSTRAINT pair FOREIGN KEY (a, t) REFERENCES parent (a, t), CONSTRAINT self FOREIGN KEY (boss) REFERENCES child (id),
         CONSTRAINT none FOREIGN KEY (gone) REFERENCES missing (id));
       INSERT INTO parent VALUES (1, 'one'), (2, 'Two');
       INSERT INTO child VALUES
         (1, 1, 'one', NULL, NULL), (2, 1, 'Two', 1, 7), (3, NULL, 'nowhere', 2, 8), (4, 9, NULL, 99, NULL), (5, 2, 'TWO', 5, NULL);`,
    );
    const facts = await stage.source.profile(await stage.table('child'), NEVER);
    // Row 5 has a parent by collation, and none where text is compared as it is written.
    expect(facts).toMatchObject({ rows: 5, orphans: { pair: 2, self: 1, none: 2 } });
  });

  test('is not waited for once nobody wants it, and the server forgets the statement', async () => {
    await using stage = await SourceStage.open(flavour, 'CREATE TABLE t (d DATE)');
    const table = await stage.table('t');
    const locker = await connect(stage.url);
    try {
      await locker.query('LOCK TABLES t WRITE');
      const controller = new AbortController();
      const profiling = stage.source.profile(table, controller.signal);
      await until(async () => (await waiting(stage.url)) === 1);
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(profiling).rejects.toBe(reason);
      await until(async () => (await waiting(stage.url)) === 0);
    } finally {
      await locker.end();
    }
  });
});

/** Statements on the table `t` that wait for its lock. */
async function waiting(url: string): Promise<number> {
  const { pathname } = new URL(url);
  return (await mysqlSessions(url)).filter(
    ({ database, state }) => `/${database}` === pathname && state.startsWith('Waiting for table'),
  ).length;
}
