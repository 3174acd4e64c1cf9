import { fingerprintOf } from '../../../activities/fingerprint';
import { FLAVOURS, SourceStage } from './stage';

describe.each(FLAVOURS)('the catalog of a %s database', (flavour) => {
  test('has keys, indexes of every form, checks, comments, counters, and what cannot be read consistently', async () => {
    const own = {
      mysql: `KEY low ((LOWER(email))), KEY tags ((CAST(j->'$.tags' AS CHAR(9) ARRAY))), KEY hidden (n) INVISIBLE,
        CONSTRAINT soft CHECK (n < 100) NOT ENFORCED`,
      mariadb: 'KEY hidden (n) IGNORED',
    };
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE parent (a INT, b VARCHAR(20), PRIMARY KEY (a, b)) ENGINE = InnoDB;
       CREATE TABLE \`odd \`\`name\` (
         id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(20), email VARCHAR(50) NOT NULL, n INT, j JSON, t TEXT, g POINT NOT NULL,
         UNIQUE KEY mail (email), KEY prefixed (t(10), n DESC), FULLTEXT KEY words (t), SPATIAL KEY place (g),
         CONSTRAINT positive CHECK (n > 0), CONSTRAINT \`to \`\`parent\` FOREIGN KEY (a, b) REFERENCES parent (a, b) ON DELETE SET NULL ON UPDATE CASCADE,
         ${own[flavour]}
       ) COMMENT 'it''s a table' AUTO_INCREMENT = 60000;
       CREATE TABLE pieces (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3;
       CREATE TABLE old (id INT) ENGINE = MyISAM;`,
    );
    const { tables } = await stage.source.introspect();
    expect(tables.map(({ name, transactional, partitioned }) => ({ name, transactional, partitioned }))).toEqual([
      { name: 'odd `name', transactional: true, partitioned: false },
      { name: 'old', transactional: false, partitioned: false },
      { name: 'parent', transactional: true, partitioned: false },
      { name: 'pieces', transactional: true, partitioned: true },
    ]);
    const part = (column: string | null, rest = {}) => ({
      column,
      expression: null,
      prefix: null,
      descending: false,
      ...rest,
    });
    const odd = tables[0]!;
    expect(odd.columns[0]?.identity).toEqual({ next: '60000' });
    expect(odd.primaryKey).toEqual([part('id')]);
    expect(odd.comment).toBe("it's a table");
    const plain = { unique: false, kind: 'plain', visible: true };
    expect(odd.indexes).toEqual([
      { ...plain, name: 'hidden', visible: false, parts: [part('n')] },
      ...(flavour === 'mysql'
        ? [{ ...plain, name: 'low', parts: [part(null, { expression: 'lower(`email`)' })] }]
        : []),
      { ...plain, name: 'mail', unique: true, parts: [part('email')] },
      { ...plain, name: 'place', kind: 'spatial', parts: [part('g')] },
      {
        ...plain,
        name: 'prefixed',
        parts: [part('t', { prefix: 10 }), part('n', { descending: true })],
      },
      ...(flavour === 'mysql'
        ? [
            {
              ...plain,
              name: 'tags',
              kind: 'multiValued',
              parts: [part(null, { expression: "cast(json_extract(`j`,_utf8mb4'$.tags') as char(9) array)" })],
            },
          ]
        : []),
      expect.objectContaining({ name: 'to `parent', parts: [part('a'), part('b')] }),
      { ...plain, name: 'words', kind: 'fulltext', parts: [part('t')] },
    ]);
    expect(odd.foreignKeys).toEqual([
      {
        name: 'to `parent',
        columns: ['a', 'b'],
        referencedSchema: null,
        referencedTable: 'parent',
        referencedColumns: ['a', 'b'],
        onDelete: 'SET NULL',
        onUpdate: 'CASCADE',
      },
    ]);
    expect(odd.checks).toEqual([
      { name: 'positive', expression: flavour === 'mysql' ? '(`n` > 0)' : '`n` > 0', enforced: true },
      ...(flavour === 'mysql' ? [{ name: 'soft', expression: '(`n` < 100)', enforced: false }] : []),
    ]);
    expect(odd.definition).toMatch(/^CREATE TABLE `odd ``name` \(\n[^]*\) ENGINE=InnoDB DEFAULT CHARSET/);
  });

  test('names what is not a table, with its text', async () => {
    await using stage = await SourceStage.open(
      flavour,
      `CREATE TABLE t (id INT PRIMARY KEY, n INT);
       CREATE VIEW v AS SELECT id FROM t WHERE n = 1;
       CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 1;
       CREATE PROCEDURE p(IN x INT) SELECT x;
       CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC RETURN x + 1;
       CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM t;
       ${flavour === 'mariadb' ? 'CREATE SEQUENCE s;' : ''}`,
    );
    const { tables, others } = await stage.source.introspect();
    expect(tables.map(({ name }) => name)).toEqual(['t']);
    expect(others).toEqual([
      { kind: 'event', name: 'e', definition: 'CREATE EVENT `e` DO DELETE FROM t' },
      { kind: 'function', name: 'f', definition: expect.stringContaining('RETURN x + 1') as unknown },
      { kind: 'procedure', name: 'p', definition: expect.stringContaining('SELECT x') as unknown },
      ...(flavour === 'mariadb' ? [{ kind: 'sequence', name: 's', definition: 'CREATE SEQUENCE `s`' }] : []),
      {
        kind: 'trigger',
        name: 'tr',
        table: 't',
        definition: expect.stringMatching(
          /^CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.n = 1/,
        ) as unknown,
      },
      {
        kind: 'view',
        name: 'v',
        definition: expect.stringMatching(/^CREATE VIEW `v` AS select .* from .*`t`/) as unknown,
      },
    ]);
  });

  test('has a fingerprint that data does not move and definitions do', async () => {
    await using stage = await SourceStage.open(
      flavour,
      'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT) COMMENT "x AUTO_INCREMENT=5";',
    );
    const fingerprint = async (): Promise<string> => fingerprintOf((await stage.source.introspect()).tables);
    const first = await fingerprint();
    await stage.run('INSERT INTO t (n) VALUES (1), (2); ANALYZE TABLE t; ALTER TABLE t AUTO_INCREMENT = 900');
    expect((await stage.table('t')).columns[0]?.identity).toEqual({ next: '900' });
    expect(await fingerprint()).toBe(first);
    const seen = new Set([first]);
    for (const change of [
      'ALTER TABLE t MODIFY n BIGINT',
      'ALTER TABLE t COMMENT "x AUTO_INCREMENT=6"',
      'CREATE INDEX n ON t (n)',
      'CREATE TABLE u (id INT)',
    ]) {
      await stage.run(change);
      seen.add(await fingerprint());
    }
    expect(seen.size).toBe(5);
  });

  test('reads a thousand tables in seconds', async () => {
    const tables = Array.from(
      { length: 1000 },
      (_, index) =>
        `CREATE TABLE t${index} (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL DEFAULT 'n${index}', e ENUM('a','b') DEFAULT 'b')`,
    );
    await using stage = await SourceStage.open(flavour, tables.join(';'));
    const started = Date.now();
    const catalog = await stage.source.introspect();
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(catalog.tables).toHaveLength(1000);
    expect(catalog.tables.every(({ columns }) => columns[1]?.default?.kind === 'literal')).toBe(true);
  });
});

test('a primary key that MySQL generated and hides is a column and the key', async () => {
  await using stage = await SourceStage.open(
    'mysql',
    'SET SESSION sql_generate_invisible_primary_key = 1; CREATE TABLE t (a INT)',
  );
  const table = await stage.table('t');
  expect(table.columns.map(({ name }) => name)).toEqual(['my_row_id', 'a']);
  expect(table.primaryKey?.map(({ column }) => column)).toEqual(['my_row_id']);
  expect(table.columns[0]?.identity).toEqual({ next: '1' });
});

test("MariaDB's json is json, and its check goes with it", async () => {
  await using stage = await SourceStage.open(
    'mariadb',
    "CREATE TABLE t (j JSON, other JSON CHECK (other <> 'x'), plain LONGTEXT, CONSTRAINT named CHECK (JSON_VALID(plain)))",
  );
  const { columns, checks } = await stage.table('t');
  expect(columns.map(({ type }) => type.kind)).toEqual(['json', 'text', 'text']);
  expect(checks.map(({ name }) => name)).toEqual(['named', 'other']);
});

test('MariaDB tells its current rows of a table with a history', async () => {
  await using stage = await SourceStage.open('mariadb', 'CREATE TABLE t (a INT) WITH SYSTEM VERSIONING');
  expect((await stage.table('t')).columns.map(({ name }) => name)).toEqual(['a']);
  expect(await stage.source.preflight()).toContainEqual(
    expect.objectContaining({ code: 'OBJECT_NOT_MIGRATED', object: 't', severity: 'warning' }),
  );
});
