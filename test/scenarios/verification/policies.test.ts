import { FLAVOURS, VerificationPair, type Flavour } from './pair';

/** A column, a value that the target cannot hold, and what the policy makes of it; each `wrong` is something else. */
interface PolicyCase {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly becomes: string;
  readonly wrong: readonly string[];
  readonly only?: Flavour;
}

const CASES: readonly PolicyCase[] = [
  { name: 'zero_date', type: 'date', value: "'0000-00-00'", becomes: 'NULL', wrong: ["'1970-01-01'", "'-infinity'"] },
  {
    name: 'partial_date',
    type: 'date',
    value: "'2000-01-00'",
    becomes: 'NULL',
    wrong: ["'1999-12-31'", "'2000-01-01'"],
  },
  { name: 'year_zero', type: 'date', value: "'0000-05-05'", becomes: 'NULL', wrong: ["'0001-05-05 BC'"] },
  {
    name: 'zero_datetime',
    type: 'datetime(3)',
    value: "'0000-00-00 00:00:00'",
    becomes: 'NULL',
    wrong: ["'1970-01-01 00:00:00'"],
  },
  {
    name: 'zero_timestamp',
    type: 'timestamp',
    value: "'0000-00-00 00:00:00'",
    becomes: 'NULL',
    wrong: ["'1970-01-01 00:00:00Z'"],
  },
  {
    name: 'nul_varchar',
    type: 'varchar(20)',
    value: "CONCAT('a', CHAR(0), 'b', CHAR(0))",
    becomes: "'ab'",
    wrong: ["'a'", "'a b'", 'NULL'],
  },
  { name: 'nul_only', type: 'varchar(20)', value: 'CHAR(0)', becomes: "''", wrong: ["' '", 'NULL'] },
  {
    name: 'nul_text',
    type: 'text',
    value: `CONCAT(REPEAT('x', 2000), CHAR(0))`,
    becomes: "repeat('x', 2000)",
    wrong: ["repeat('x', 1999)"],
  },
  {
    name: 'nul_utf16',
    type: 'varchar(20) character set utf16',
    value: "_utf16 X'0041000000e9'",
    becomes: "'Aé'",
    wrong: ["'A'"],
  },
  {
    name: 'nul_json',
    type: 'json',
    value: `'{"a\\\\u0000": "\\\\u0000b"}'`,
    becomes: `'{"a": "b"}'`,
    wrong: [`'{"a": ""}'`, `'{"a": " b"}'`],
  },
  { name: 'invalid_enum', type: "enum('a','b')", value: "'zzz'", becomes: 'NULL', wrong: ["'a'"] },
  { name: 'invalid_enum_with_empty', type: "enum('a','')", value: "'zzz'", becomes: 'NULL', wrong: ["''"] },
];

describe.each(FLAVOURS)('values that a policy changes on %s', (flavour) => {
  let pair: VerificationPair;
  const cases = CASES.filter(({ only = flavour }) => only === flavour);
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    for (const { name, type, value } of cases) {
      await pair.onSource(
        `CREATE TABLE ${name} (id int PRIMARY KEY, v ${type} NULL) CHARACTER SET utf8mb4; INSERT INTO ${name} VALUES (1, ${value});`,
      );
    }
    await pair.plan({ zeroDates: 'null', nulCharacters: 'strip', invalidEnums: 'null' });
    for (const { name, becomes } of cases) await pair.onTarget(`INSERT INTO ${name} VALUES (1, ${becomes})`);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test.each(cases)('$name: what the policy says is expected, and nothing else', async ({ name, becomes, wrong }) => {
    expect(await pair.verify(name)).toMatchObject({ verifiedRows: 1, mismatches: 0 });
    for (const other of wrong) {
      expect(await pair.damaged(name, `UPDATE ${name} SET v = ${other}`, `UPDATE ${name} SET v = ${becomes}`)).toEqual([
        { key: ['1'], kind: 'different', columns: ['v'] },
      ]);
    }
  });

  test('keys that become NULL are told apart by the rest of the row', async () => {
    await pair.onSource(
      `CREATE TABLE zero_key (d date NOT NULL, n int NOT NULL, v varchar(10), PRIMARY KEY (d, n));
       INSERT INTO zero_key VALUES ('0000-00-00', 1, 'a'), ('2000-00-00', 1, 'b'), ('2000-01-01', 1, 'c');`,
    );
    await pair.plan({ zeroDates: 'null' });
    await pair.onTarget("INSERT INTO zero_key VALUES (NULL, 1, 'b'), (NULL, 1, 'a'), ('2000-01-01', 1, 'c')");
    expect(pair.table('zero_key').keyOrdersAlike).toBe(false);
    expect(await pair.verify('zero_key')).toMatchObject({ verifiedRows: 3, mismatches: 0 });
    expect(
      await pair.damaged(
        'zero_key',
        "UPDATE zero_key SET v = 'x' WHERE v = 'b'",
        "UPDATE zero_key SET v = 'b' WHERE v = 'x'",
      ),
    ).toEqual([{ key: ['NULL', '1'], kind: 'different', columns: ['v'] }]);
  });
});

describe.each(FLAVOURS)('without a policy on %s, values that the target cannot hold equal nothing there', (flavour) => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    for (const { name, type, value } of CASES) {
      await pair.onSource(
        `CREATE TABLE ${name} (id int PRIMARY KEY, v ${type} NULL) CHARACTER SET utf8mb4; INSERT INTO ${name} VALUES (1, ${value});`,
      );
    }
    await pair.onSource(
      `CREATE TABLE lossy (id int PRIMARY KEY, v varchar(20) CHARACTER SET gbk); INSERT INTO lossy VALUES (1, _gbk X'a380');`,
    );
    await pair.plan();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test.each(CASES)('$name', async ({ name, becomes, wrong }) => {
    for (const other of [becomes, ...wrong]) {
      await pair.onTarget(`DELETE FROM ${name}; INSERT INTO ${name} VALUES (1, ${other})`);
      expect(await pair.verify(name)).toMatchObject({ verifiedRows: 0, mismatches: 1 });
    }
  });

  test('a question mark is not the character that the server could not convert', async () => {
    await pair.onTarget("INSERT INTO lossy VALUES (1, '?')");
    expect(await pair.verify('lossy')).toMatchObject({ mismatches: 1 });
  });
});
