import { FLAVOURS, VerificationPair } from './pair';

describe.each(FLAVOURS)('tables of odd shapes on %s', (flavour) => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test('columns of many character sets and collations are hashed together', async () => {
    const columns = [
      'a varchar(20) COLLATE utf8mb4_bin',
      'b varchar(20) COLLATE utf8mb4_general_ci',
      'c varchar(20) COLLATE utf8mb4_unicode_ci',
      'd varchar(20) CHARACTER SET latin1',
      'e varchar(20) CHARACTER SET ascii',
      'f varchar(20) CHARACTER SET sjis',
      'g varchar(20) CHARACTER SET utf16',
      'h longtext CHARACTER SET gbk',
      "i enum('é','b') CHARACTER SET latin1",
      "j set('é','b') CHARACTER SET utf8mb3",
      'k varbinary(20)',
      'l json',
    ];
    const values = `'é', 'é', 'é', 'é', 'e', '表', '日', '你', 'é', 'é,b', X'e9', '["é"]'`;
    await pair.onSource(
      `CREATE TABLE collations (id int PRIMARY KEY, ${columns.join(', ')}); INSERT INTO collations VALUES (1, ${values});`,
    );
    await pair.plan();
    await pair.onTarget(
      `INSERT INTO collations VALUES (1, ${values.replace("'é,b'", "'{é,b}'").replace("X'e9'", "'\\xe9'")})`,
    );
    expect(await pair.verify('collations')).toMatchObject({ verifiedRows: 1, mismatches: 0 });
    const found = await pair.damaged(
      'collations',
      "UPDATE collations SET f = 'x', h = 'y'",
      "UPDATE collations SET f = '表', h = '你'",
    );
    expect(found).toEqual([{ key: ['1'], kind: 'different', columns: ['f', 'h'] }]);
  });

  test('three hundred columns are hashed together, and each counts', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `c${index}`);
    const value = (index: number): string => (index % 2 === 0 ? String(index) : `'text ${index}'`);
    const row = `(1, ${names.map((_, index) => value(index)).join(', ')})`;
    await pair.onSource(
      `CREATE TABLE wide (id int PRIMARY KEY, ${names.map((name, index) => `${name} ${index % 2 === 0 ? 'int' : 'varchar(10)'}`).join(', ')});
       INSERT INTO wide VALUES ${row};`,
    );
    await pair.plan();
    await pair.onTarget(`INSERT INTO wide VALUES ${row}`);
    expect(await pair.verify('wide')).toMatchObject({ verifiedRows: 1, mismatches: 0 });
    for (const index of [0, 39, 40, 41, 150, 298, 299]) {
      const found = await pair.damaged(
        'wide',
        `UPDATE wide SET c${index} = NULL`,
        `UPDATE wide SET c${index} = ${value(index)}`,
      );
      expect(found).toEqual([{ key: ['1'], kind: 'different', columns: [`c${index}`] }]);
    }
  });

  test('names of any kind are quoted', async () => {
    const [table, key, column] = ['we`ird "Table\'', 'Key`"', 'hash'];
    const tick = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
    await pair.onSource(
      `CREATE TABLE ${tick(table)} (${tick(key)} varchar(20) PRIMARY KEY, ${tick(column)} int, \`bucket\` int, \`select\` text);
       INSERT INTO ${tick(table)} VALUES ('a', 1, 2, 'x'), ('b', 3, 4, 'y');
       CREATE TABLE ${tick(`bare ${table}`)} (${tick(column)} int, \`bucket\` int);
       INSERT INTO ${tick(`bare ${table}`)} VALUES (1, 2), (1, 2), (3, 4);`,
    );
    await pair.plan({ identifiers: 'preserve' });
    const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    await pair.onTarget(`INSERT INTO ${quoted(table)} VALUES ('a', 1, 2, 'x'), ('b', 3, 4, 'y')`);
    await pair.onTarget(`INSERT INTO ${quoted(`bare ${table}`)} VALUES (1, 2), (3, 4), (1, 2)`);
    expect(await pair.verify(table)).toMatchObject({ verifiedRows: 2, mismatches: 0 });
    expect(await pair.verify(`bare ${table}`)).toMatchObject({ verifiedRows: 3, mismatches: 0 });
    expect(
      await pair.damaged(
        table,
        `UPDATE ${quoted(table)} SET hash = 9 WHERE hash = 3`,
        `UPDATE ${quoted(table)} SET hash = 3 WHERE hash = 9`,
      ),
    ).toEqual([{ key: ['b'], kind: 'different', columns: ['hash'] }]);
    await pair.onTarget(`UPDATE ${quoted(`bare ${table}`)} SET hash = 9 WHERE hash = 3`);
    expect(await pair.verify(`bare ${table}`)).toMatchObject({ mismatches: 2 });
  });

  test('a table whose key is a unique index, and one with nothing but its key', async () => {
    await pair.onSource(
      `CREATE TABLE by_index (v varchar(10), k int NOT NULL, UNIQUE KEY u (k)); INSERT INTO by_index VALUES ('a', 1), ('b', 2), (NULL, 3);
       CREATE TABLE key_only (k varchar(10) PRIMARY KEY); INSERT INTO key_only VALUES ('a'), ('b');`,
    );
    await pair.plan();
    await pair.onTarget(
      "INSERT INTO by_index VALUES ('a', 1), ('b', 2), (NULL, 3); INSERT INTO key_only VALUES ('a'), ('c')",
    );
    expect(await pair.verify('by_index', 1)).toMatchObject({ verifiedRows: 3, mismatches: 0 });
    const { examples } = await pair.verify('key_only');
    expect(examples.map(({ key, kind }) => [...key, kind]).sort()).toEqual([
      ['b', 'missing'],
      ['c', 'extra'],
    ]);
  });

  test('NULL is not the text NULL, nothing, or zero, in any column', async () => {
    await pair.onSource(
      `CREATE TABLE nulls (id int PRIMARY KEY, i int, t varchar(10), l text, b varbinary(10), o blob, d decimal(5,2), j json, s set('a'));
       INSERT INTO nulls (id) VALUES (1);`,
    );
    await pair.plan();
    await pair.onTarget('INSERT INTO nulls (id) VALUES (1)');
    expect(await pair.verify('nulls')).toMatchObject({ verifiedRows: 1, mismatches: 0 });
    const wrong = { i: '0', t: "'NULL'", l: "''", b: "''", o: "''", d: '0', j: "'null'", s: "'{}'" };
    for (const [column, value] of Object.entries(wrong)) {
      const found = await pair.damaged(
        'nulls',
        `UPDATE nulls SET ${column} = ${value}`,
        `UPDATE nulls SET ${column} = NULL`,
      );
      expect(found).toEqual([{ key: ['1'], kind: 'different', columns: [column] }]);
    }
  });
});
