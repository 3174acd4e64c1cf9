import { FLAVOURS, VerificationPair, type Flavour } from './pair';

/** A column whose type the mapping changes: values on both sides, and what differs. */
interface MappedCase {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly values: readonly (readonly [source: string, target: string])[];
  readonly wrong: readonly string[];
  readonly only?: Flavour;
}

const UUID = 'a3cda7d5-00a6-4111-8146-59127a8d5e42';

const CASES: readonly MappedCase[] = [
  {
    name: 'tiny_smallint',
    from: 'tinyint(1)',
    to: 'smallint',
    values: [
      ['1', '1'],
      ['0', '0'],
    ],
    wrong: ['2', '0'],
  },
  {
    name: 'int_numeric',
    from: 'int',
    to: 'numeric(12,2)',
    values: [
      ['-7', '-7'],
      ['0', '0'],
    ],
    wrong: ['-7.01', '7'],
  },
  {
    name: 'int_boolean',
    from: 'int',
    to: 'boolean',
    values: [
      ['1', 'true'],
      ['0', 'false'],
    ],
    wrong: ['false'],
  },
  {
    name: 'decimal_wider',
    from: 'decimal(10,2)',
    to: 'numeric(20,5)',
    values: [
      ['1.50', '1.5'],
      ['-0.01', '-0.01'],
    ],
    wrong: ['1.50001'],
  },
  {
    name: 'decimal_integer',
    from: 'decimal(10,2)',
    to: 'bigint',
    values: [
      ['150.00', '150'],
      ['-1.00', '-1'],
    ],
    wrong: ['151'],
  },
  {
    name: 'decimal_narrower',
    from: 'decimal(10,4)',
    to: 'numeric(10,2)',
    values: [
      ['1.5000', '1.50'],
      ['0.0000', '0'],
    ],
    wrong: ['1.51'],
  },
  {
    name: 'float_double',
    from: 'float',
    to: 'double precision',
    values: [
      ['0.1', "'0.10000000149011612'"],
      ['1.5', '1.5'],
    ],
    wrong: ['0.1'],
  },
  {
    name: 'year_integer',
    from: 'year',
    to: 'integer',
    values: [
      ['2024', '2024'],
      ['0', '0'],
    ],
    wrong: ['24'],
  },
  {
    name: 'text_uuid',
    from: 'varchar(36)',
    to: 'uuid',
    values: [
      [`'${UUID.toUpperCase()}'`, `'${UUID}'`],
      [`'${UUID}'`, `'${UUID}'`],
    ],
    wrong: [`'${UUID.replace('5e42', '5e43')}'`],
  },
  {
    name: 'bytes_uuid',
    from: 'binary(16)',
    to: 'uuid',
    values: [[`X'${UUID.replaceAll('-', '')}'`, `'${UUID}'`]],
    wrong: [`'${UUID.replace('a3', '3a')}'`],
  },
  {
    name: 'text_json',
    from: 'text',
    to: 'jsonb',
    values: [
      [`'{"b":1.0,"a":[ ]}'`, `'{"a": [], "b": 1}'`],
      [`'9007199254740993'`, `'9007199254740993'`],
    ],
    wrong: [`'{"a": [], "b": 1.1}'`],
  },
  {
    name: 'json_text',
    from: 'json',
    to: 'text',
    values: [[`'{"a": [1, 2]}'`, `'{"a": [1, 2]}'`]],
    wrong: [`'{"a":[1,2]}'`, `'{"a": [1, 3]}'`],
  },
  {
    name: 'enum_text',
    from: "enum('a','b|c','')",
    to: 'text',
    values: [
      ["'b|c'", "'b|c'"],
      ["''", "''"],
    ],
    wrong: ["'b'", "'a'"],
  },
  {
    name: 'set_text',
    from: "set('a','b')",
    to: 'varchar(20)',
    values: [
      ["'b,a'", "'a,b'"],
      ["''", "''"],
    ],
    wrong: ["'b,a'", "'{a,b}'"],
  },
  {
    name: 'datetime_zoned',
    from: 'datetime(6)',
    to: 'timestamptz(6)',
    values: [["'2024-01-01 00:00:00.5'", "'2024-01-01 01:00:00.5+01'"]],
    wrong: ["'2024-01-01 00:00:00.5+01'"],
  },
  {
    name: 'timestamp_plain',
    from: 'timestamp(6)',
    to: 'timestamp(6)',
    values: [["'2024-01-01 00:00:00.5'", "'2024-01-01 00:00:00.5'"]],
    wrong: ["'2024-01-01 00:00:00.500001'"],
  },
  {
    name: 'time_interval',
    from: 'time(6)',
    to: 'interval',
    values: [["'12:00:00.25'", "'12:00:00.25'"]],
    wrong: ["'-12:00:00.25'"],
  },
  {
    name: 'uuid_text',
    from: 'uuid',
    to: 'text',
    only: 'mariadb',
    values: [[`'${UUID}'`, `'${UUID}'`]],
    wrong: [`'${UUID.toUpperCase()}'`],
  },
  {
    name: 'inet_text',
    from: 'inet6',
    to: 'text',
    only: 'mariadb',
    values: [["'::1'", "'::1'"]],
    wrong: ["'0:0:0:0:0:0:0:1'"],
  },
];

describe.each(FLAVOURS)('types that the mapping asks for on %s', (flavour) => {
  const cases = CASES.filter(({ only = flavour }) => only === flavour);
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    for (const { name, from, values } of cases) {
      const rows = [...values.map(([source]) => source), 'NULL'].map((value, index) => `(${index + 1}, ${value})`);
      await pair.onSource(
        `CREATE TABLE ${name} (id int PRIMARY KEY, v ${from} NULL) CHARACTER SET utf8mb4; INSERT INTO ${name} VALUES ${rows.join(', ')};`,
      );
    }
    const tables = Object.fromEntries(cases.map(({ name, to }) => [name, { columns: { v: { type: to } } }]));
    await pair.plan({ tables });
    for (const { name, values } of cases) {
      const rows = [...values.map(([, target]) => target), 'NULL'].map((value, index) => `(${index + 1}, ${value})`);
      await pair.onTarget(rows.map((row) => `INSERT INTO ${name} VALUES ${row};`).join('\n'));
    }
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test.each(cases)('$name: $from as $to', async ({ name, values, wrong }) => {
    expect(await pair.verify(name)).toMatchObject({ verifiedRows: values.length + 1, mismatches: 0 });
    for (const other of [...wrong, 'NULL']) {
      expect(
        await pair.damaged(
          name,
          `UPDATE ${name} SET v = ${other} WHERE id = 1`,
          `UPDATE ${name} SET v = ${values[0]![1]} WHERE id = 1`,
        ),
      ).toEqual([{ key: ['1'], kind: 'different', columns: ['v'] }]);
    }
  });

  test('a key whose type the mapping changes is named as the target spells it', async () => {
    await pair.onSource(
      `CREATE TABLE mapped_key (k binary(16) PRIMARY KEY, v int); INSERT INTO mapped_key VALUES (X'${UUID.replaceAll('-', '')}', 1), (X'${'0'.repeat(32)}', 2);`,
    );
    await pair.plan({ tables: { mapped_key: { columns: { k: { type: 'uuid' } } } } });
    await pair.onTarget(`INSERT INTO mapped_key VALUES ('${UUID}', 1), ('${'0'.repeat(32)}', 2)`);
    expect(await pair.verify('mapped_key')).toMatchObject({ verifiedRows: 2, mismatches: 0 });
    expect(
      await pair.damaged(
        'mapped_key',
        'UPDATE mapped_key SET v = 3 WHERE v = 1',
        'UPDATE mapped_key SET v = 1 WHERE v = 3',
      ),
    ).toEqual([{ key: [UUID], kind: 'different', columns: ['v'] }]);
  });
});
