import { quoted, same, texts, bytes, type Value } from './literals';
import { FLAVOURS, VerificationPair, type Flavour } from './pair';

/** A table by its key: the columns, rows of keys ascending or not, and whether both engines order it alike. */
interface KeyCorpus {
  readonly name: string;
  readonly columns: readonly string[];
  readonly only?: Flavour;
  readonly keys: readonly (readonly Value[])[];
  /** The keys as they are named. */
  readonly named: readonly (readonly string[])[];
  readonly alike: boolean;
}

const single = (values: readonly Value[]): Value[][] => values.map((value) => [value]);
const TRICKY = ['A', 'a1', 'b', 'Z', '_', '10', '9', 'key_99\\max', 'ö', ' lead', "it's", 'a|b', 'x y', '日本'];

const KEYS: readonly KeyCorpus[] = [
  {
    name: 'int',
    columns: ['int'],
    keys: single(same('-5', '-1', '0', '1', '2', '10', '2147483647')),
    named: [['-5'], ['-1'], ['0'], ['1'], ['2'], ['10'], ['2147483647']],
    alike: true,
  },
  {
    name: 'bigint_unsigned',
    columns: ['bigint unsigned'],
    keys: single(same('0', '9223372036854775808', '18446744073709551615')),
    named: [['0'], ['9223372036854775808'], ['18446744073709551615']],
    alike: true,
  },
  {
    name: 'zerofill',
    columns: ['int(8) zerofill'],
    keys: single(same('1', '42', '100')),
    named: [['1'], ['42'], ['100']],
    alike: true,
  },
  {
    name: 'decimal',
    columns: ['decimal(12,3)'],
    keys: single(same('-1.500', '0.000', '0.001', '7.25')),
    named: [['-1.500'], ['0.000'], ['0.001'], ['7.250']],
    alike: true,
  },
  {
    name: 'double',
    columns: ['double'],
    keys: single(same('-1.5e0', '0e0', '1e-20', '0.1e0', '1e23')),
    named: [['-1.5'], ['0'], ['1e-20'], ['0.1'], ['1e23']],
    alike: true,
  },
  {
    name: 'date',
    columns: ['date'],
    keys: single(quoted('1000-01-01', '2024-02-29', '9999-12-31')),
    named: [['1000-01-01'], ['2024-02-29'], ['9999-12-31']],
    alike: true,
  },
  {
    name: 'datetime',
    columns: ['datetime(6)'],
    keys: single(quoted('2024-01-01 00:00:00', '2024-01-01 00:00:00.1', '2024-01-01 00:00:00.123456')),
    named: [['2024-01-01 00:00:00'], ['2024-01-01 00:00:00.1'], ['2024-01-01 00:00:00.123456']],
    alike: true,
  },
  {
    name: 'timestamp',
    columns: ['timestamp(3)'],
    keys: single([
      ["'2024-01-01 00:00:00'", "'2024-01-01 00:00:00Z'"],
      ["'2024-01-01 00:00:00.25'", "'2024-01-01 00:00:00.25Z'"],
    ]),
    named: [['2024-01-01 00:00:00'], ['2024-01-01 00:00:00.25']],
    alike: true,
  },
  {
    name: 'binary',
    columns: ['varbinary(20)'],
    keys: single(bytes('', '00', '0000', '41', '61', 'ff')),
    named: [[''], ['00'], ['0000'], ['41'], ['61'], ['ff']],
    alike: true,
  },
  {
    name: 'text_ci',
    columns: ['varchar(40)'],
    keys: single(texts(...TRICKY)),
    named: TRICKY.map((text) => [text]),
    alike: false,
  },
  {
    name: 'text_bin',
    columns: ['varchar(40) collate utf8mb4_bin'],
    keys: single(texts(...TRICKY, 'a', 'B')),
    named: [...TRICKY, 'a', 'B'].map((text) => [text]),
    alike: false,
  },
  {
    name: 'text_latin1',
    columns: ['varchar(40) character set latin1'],
    keys: single(texts('a', 'é', '€', 'ÿ')),
    named: [['a'], ['é'], ['€'], ['ÿ']],
    alike: false,
  },
  {
    name: 'text_gbk',
    columns: ['varchar(40) character set gbk'],
    keys: single(texts('a', '你', '好')),
    named: [['a'], ['你'], ['好']],
    alike: false,
  },
  {
    name: 'text_utf16',
    columns: ['char(10) character set utf16'],
    keys: single(texts('a', 'é', '👩')),
    named: [['a'], ['é'], ['👩']],
    alike: false,
  },
  {
    name: 'enum',
    columns: ["enum('z','a','m')"],
    keys: single(quoted('a', 'm', 'z')),
    named: [['a'], ['m'], ['z']],
    alike: false,
  },
  {
    name: 'time',
    columns: ['time(3)'],
    keys: single(quoted('-10:00:00', '00:00:00', '100:00:00.5')),
    named: [['-10:00:00'], ['00:00:00'], ['100:00:00.5']],
    alike: false,
  },
  {
    name: 'bits',
    columns: ['bit(4)'],
    keys: single(same("b'0000'", "b'0101'", "b'1111'")),
    named: [['0000'], ['0101'], ['1111']],
    alike: false,
  },
  {
    name: 'set',
    columns: ["set('a','b')"],
    keys: single([
      ["''", "'{}'"],
      ["'a'", "'{a}'"],
      ["'a,b'", "'{a,b}'"],
    ]),
    named: [['{}'], ['{a}'], ['{a,b}']],
    alike: false,
  },
  {
    name: 'uuid',
    columns: ['uuid'],
    only: 'mariadb',
    keys: single(quoted('a3cda7d5-00a6-4111-8146-59127a8d5e42', '00000000-0000-0000-0000-000000000001')),
    named: [['a3cda7d5-00a6-4111-8146-59127a8d5e42'], ['00000000-0000-0000-0000-000000000001']],
    alike: false,
  },
  {
    name: 'inet6',
    columns: ['inet6'],
    only: 'mariadb',
    keys: single(quoted('::1', '1:0:2:3:4:5:6:7', '::ffff:1.2.3.4')),
    named: [['::1'], ['1:0:2:3:4:5:6:7'], ['::ffff:1.2.3.4']],
    alike: false,
  },
  {
    name: 'composite',
    columns: ['int', 'date', 'smallint'],
    keys: [
      [same('1')[0]!, quoted('2024-01-01')[0]!, same('-3')[0]!],
      [same('1')[0]!, quoted('2024-01-01')[0]!, same('4')[0]!],
      [same('1')[0]!, quoted('2024-01-02')[0]!, same('0')[0]!],
      [same('2')[0]!, quoted('2000-01-01')[0]!, same('9')[0]!],
    ],
    named: [
      ['1', '2024-01-01', '-3'],
      ['1', '2024-01-01', '4'],
      ['1', '2024-01-02', '0'],
      ['2', '2000-01-01', '9'],
    ],
    alike: true,
  },
  {
    name: 'composite_text',
    columns: ['int', 'varchar(30)'],
    keys: [
      [same('1')[0]!, texts('b')[0]!],
      [same('1')[0]!, texts('A')[0]!],
      [same('2')[0]!, texts('')[0]!],
      [same('2')[0]!, texts('|')[0]!],
    ],
    named: [
      ['1', 'b'],
      ['1', 'A'],
      ['2', ''],
      ['2', '|'],
    ],
    alike: false,
  },
];

describe.each(FLAVOURS)('keys on %s', (flavour) => {
  const corpus = KEYS.filter(({ only = flavour }) => only === flavour);
  let pair: VerificationPair;

  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    const rows = (side: 0 | 1, { keys }: KeyCorpus): string[] =>
      keys.map((key, index) => `(${[...key.map((value) => value[side]), `'row ${index}'`].join(', ')})`);
    for (const key of corpus) {
      const columns = key.columns.map((type, index) => `k${index} ${type} NOT NULL, `).join('');
      const names = key.columns.map((_, index) => `k${index}`).join(', ');
      await pair.onSource(
        `CREATE TABLE ${key.name}_ (${columns} v varchar(30), PRIMARY KEY (${names})) CHARACTER SET utf8mb4;
         INSERT INTO ${key.name}_ VALUES ${rows(0, key).join(', ')};`,
      );
    }
    await pair.plan();
    for (const key of corpus) {
      await pair.onTarget(
        rows(1, key)
          .map((row) => `INSERT INTO ${key.name}_ VALUES ${row};`)
          .join('\n'),
      );
      await pair.build(`${key.name}_`);
    }
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  // Chunks of two rows, so that every bound is used.
  test.each(corpus)(
    '$name: equal rows verify, by ranges where both engines order alike',
    async ({ name, keys, alike }) => {
      expect(pair.table(`${name}_`).keyOrdersAlike).toBe(alike);
      const result = await pair.verify(`${name}_`, 2);
      expect(result).toMatchObject({ verifiedRows: keys.length, mismatches: 0 });
    },
  );

  test.each(corpus)('$name: a damaged and a missing row are each named', async ({ name, named }) => {
    const last = named.length - 1;
    const row = (index: number): string => `v = 'row ${index}'`;
    for (const index of [0, 1, last]) {
      expect(
        await pair.damaged(
          `${name}_`,
          `UPDATE ${name}_ SET v = 'x ${index}' WHERE ${row(index)}`,
          `UPDATE ${name}_ SET v = 'row ${index}' WHERE v = 'x ${index}'`,
        ),
      ).toEqual([{ key: named[index], kind: 'different', columns: ['v'] }]);
      // The row is kept aside, so that the missing one can be put back.
      expect(
        await pair.damaged(
          `${name}_`,
          `CREATE TABLE aside AS SELECT * FROM ${name}_ WHERE ${row(index)}; DELETE FROM ${name}_ WHERE ${row(index)}`,
          `INSERT INTO ${name}_ SELECT * FROM aside; DROP TABLE aside`,
        ),
      ).toEqual([{ key: named[index], kind: 'missing', columns: [] }]);
    }
  });

  test.each(corpus)('$name: an extra row is named', async ({ name, named }) => {
    await pair.onSource(
      `CREATE TABLE aside AS SELECT * FROM ${name}_ WHERE v = 'row 1'; DELETE FROM ${name}_ WHERE v = 'row 1'`,
    );
    expect(await pair.damaged(`${name}_`, 'SELECT 1', 'SELECT 1')).toEqual([
      { key: named[1], kind: 'extra', columns: [] },
    ]);
    await pair.onSource(`INSERT INTO ${name}_ SELECT * FROM aside; DROP TABLE aside`);
    expect(await pair.verify(`${name}_`)).toMatchObject({ mismatches: 0 });
  });

  test.each(corpus)('$name: two rows that have changed places are both named', async ({ name, named }) => {
    const swap = `UPDATE ${name}_ SET v = CASE v WHEN 'row 0' THEN 'row 1' ELSE 'row 0' END WHERE v IN ('row 0', 'row 1')`;
    const found = await pair.damaged(`${name}_`, swap, swap);
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([named[0], named[1]].map((key) => ({ key, kind: 'different', columns: ['v'] }))),
    );
  });

  test('a row that is on the target twice is extra once', async () => {
    await pair.onSource(
      'CREATE TABLE twice (id int PRIMARY KEY, v varchar(30)); INSERT INTO twice VALUES (1, "a"), (2, "b");',
    );
    await pair.plan();
    await pair.onTarget("INSERT INTO twice VALUES (1, 'a'), (2, 'b'), (2, 'b')");
    expect(await pair.verify('twice')).toMatchObject({
      sourceRows: 2,
      targetRows: 3,
      verifiedRows: 2,
      mismatches: 1,
      examples: [{ key: ['2'], kind: 'extra' }],
    });
  });
});
