import { FLAVOURS, VerificationPair } from './pair';

const ROWS = 120_000;
const DIGITS =
  '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';

/** The numbers 1 to ROWS as `n`, on the source. */
const SEQUENCE = `(SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS n
  FROM ${['a', 'b', 'c', 'e', 'f', 'g'].map((alias) => `${DIGITS} ${alias}`).join(', ')}) s WHERE n <= ${ROWS}`;

/** Spread over the order of text and of numbers alike. */
const KEY = { source: "CONCAT(n * 7919 % 1000003, '-', n)", target: "concat(n * 7919 % 1000003, '-', n)" };

const TABLES = ['numbers', 'words', 'documents', 'pages'];

describe.each(FLAVOURS)('many rows on %s', (flavour) => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    // The JSON is the same by meaning in each row, and the same text in none.
    await pair.onSource(
      `CREATE TABLE numbers (id int PRIMARY KEY, v varchar(30));
       CREATE TABLE words (k varchar(30) PRIMARY KEY, v varchar(30));
       CREATE TABLE documents (k varchar(30) PRIMARY KEY, j json);
       CREATE TABLE pages (id int PRIMARY KEY, j json);
       INSERT INTO numbers SELECT n, CONCAT('row ', n) FROM ${SEQUENCE};
       INSERT INTO words SELECT ${KEY.source}, CONCAT('row ', n) FROM ${SEQUENCE};
       INSERT INTO documents SELECT ${KEY.source}, CONCAT('{"n":', n, 'e0}') FROM ${SEQUENCE};
       INSERT INTO pages SELECT n, CONCAT('{"n":', n, 'e0}') FROM ${SEQUENCE};
       ANALYZE TABLE numbers, words, documents, pages;`,
    );
    await pair.plan();
    await pair.onTarget(
      `INSERT INTO numbers SELECT n, concat('row ', n) FROM generate_series(1, ${ROWS}) n;
       INSERT INTO words SELECT ${KEY.target}, concat('row ', n) FROM generate_series(1, ${ROWS}::bigint) n;
       INSERT INTO documents SELECT ${KEY.target}, concat('{"n": ', n, '.00}')::jsonb FROM generate_series(1, ${ROWS}::bigint) n;
       INSERT INTO pages SELECT n, concat('{"n": ', n, '.00}')::jsonb FROM generate_series(1, ${ROWS}) n;`,
    );
    for (const name of TABLES) await pair.build(name);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test.each(TABLES)('%s: all of them verify', async (name) => {
    expect(await pair.verify(name, 50_000)).toEqual({
      sourceRows: ROWS,
      targetRows: ROWS,
      verifiedRows: ROWS,
      mismatches: 0,
      examples: [],
    });
  });

  test.each([
    ['numbers', 'id', 'v', `'row'`, ['77777']],
    ['words', 'k', 'v', `'row'`, [`${(77_777 * 7919) % 1_000_003}-77777`]],
    ['documents', 'k', 'j', `'{"n": 77777.000001}'`, [`${(77_777 * 7919) % 1_000_003}-77777`]],
    ['pages', 'id', 'j', `'{"n": 77777.000001}'`, ['77777']],
  ])(
    '%s: one that is damaged, one that is missing and one that is extra are named',
    async (name, key, column, damage, damaged) => {
      const of = (n: number): string => (key === 'id' ? String(n) : `'${(n * 7919) % 1_000_003}-${n}'`);
      await pair.onTarget(
        `BEGIN; CREATE TABLE aside AS SELECT * FROM ${name} WHERE ${key} IN (${of(77_777)}, ${of(99_999)});
       UPDATE ${name} SET ${column} = ${damage} WHERE ${key} = ${of(77_777)};
       DELETE FROM ${name} WHERE ${key} = ${of(99_999)};
       INSERT INTO ${name} (${key}) VALUES (${of(ROWS + 5)}); COMMIT`,
      );
      const result = await pair.verify(name, 50_000);
      await pair.onTarget(
        `BEGIN; DELETE FROM ${name} WHERE ${key} IN (${of(77_777)}, ${of(ROWS + 5)}); INSERT INTO ${name} SELECT * FROM aside; DROP TABLE aside; COMMIT`,
      );
      expect(result).toMatchObject({ sourceRows: ROWS, targetRows: ROWS, verifiedRows: ROWS - 2, mismatches: 3 });
      expect(result.examples).toHaveLength(3);
      expect(result.examples).toEqual(
        expect.arrayContaining([
          { table: name, key: damaged, kind: 'different', columns: [column] },
          { table: name, key: [of(99_999).replaceAll("'", '')], kind: 'missing', columns: [] },
          { table: name, key: [of(ROWS + 5).replaceAll("'", '')], kind: 'extra', columns: [] },
        ]),
      );
    },
  );

  test('rows at the edges of what is read at once, and far more extra rows than that, are counted', async () => {
    const missing = 'id IN (1, 4000, 4001, 8000, 120000)';
    await pair.onTarget(
      `BEGIN; CREATE TABLE aside AS SELECT * FROM pages WHERE ${missing}; DELETE FROM pages WHERE ${missing};
       INSERT INTO pages SELECT -n FROM generate_series(1, 20000) n; COMMIT`,
    );
    const result = await pair.verify('pages', 50_000);
    await pair.onTarget(
      `BEGIN; DELETE FROM pages WHERE id < 0; INSERT INTO pages SELECT * FROM aside; DROP TABLE aside; COMMIT`,
    );
    expect(result).toMatchObject({ sourceRows: ROWS, targetRows: ROWS + 20_000 - 5, verifiedRows: ROWS - 5 });
    expect(result.mismatches).toBe(20_000 + 5);
  });

  test('very many different rows are all counted, and the first of them named', async () => {
    await pair.onTarget(`UPDATE numbers SET v = v || '!' WHERE id % 4 = 0`);
    const result = await pair.verify('numbers', 50_000);
    await pair.onTarget(`UPDATE numbers SET v = concat('row ', id) WHERE id % 4 = 0`);
    expect(result).toMatchObject({ sourceRows: ROWS, verifiedRows: ROWS - ROWS / 4, mismatches: ROWS / 4 });
    expect(result.examples).toHaveLength(100);
  });
});
