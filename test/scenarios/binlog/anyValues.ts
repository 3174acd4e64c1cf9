import fc from 'fast-check';
import type { Flavour } from '../mysqlSource/stage';

/** A type, and its values as literals. */
export type AnyColumn = readonly [type: string, values: fc.Arbitrary<string>];

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
const digits = (length: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9]{0,${length}}$`));
const doubles = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .integer({ min: -20, max: 25 })
    .chain((exponent) => fc.integer({ min: -999, max: 999 }).map((n) => n * 10 ** exponent)),
);
const moments = (from: string, to: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true }),
      fc.integer({ min: 0, max: 999_999 }),
    )
    .map(
      ([date, micros]) => `'${date.toISOString().slice(0, 19).replace('T', ' ')}.${String(micros).padStart(6, '0')}'`,
    );
const times = fc
  .tuple(
    fc.boolean(),
    fc.integer({ min: 0, max: 838 }),
    fc.integer({ min: 0, max: 3599 }),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([negative, hours, rest, micros]) => {
    const clock = [hours, Math.floor(rest / 60), rest % 60].map((part) => String(part).padStart(2, '0')).join(':');
    return `'${negative ? '-' : ''}${clock}.${String(micros).padStart(6, '0')}'`;
  });
const decimals = fc
  .tuple(fc.boolean(), digits(35), digits(30))
  .map(([negative, whole, fraction]) => `'${negative ? '-' : ''}${whole === '' ? '0' : whole}.${fraction}0'`);
const bytes = fc.uint8Array({ maxLength: 20 }).map((value) => `X'${Buffer.from(value).toString('hex')}'`);

/** What both servers have. */
const COLUMNS: readonly AnyColumn[] = [
  ['DOUBLE', doubles.map(String)],
  ['FLOAT', fc.float({ noNaN: true, noDefaultInfinity: true }).map(String)],
  ['DECIMAL(65,30)', decimals],
  ['DECIMAL(17,9)', fc.tuple(fc.integer({ min: -9, max: 99_999_999 }), digits(9)).map(([n, f]) => `'${n}.${f}0'`)],
  ['TIME(6)', times],
  ['TIME(3)', times],
  ['TIME(2)', times],
  ['DATETIME(6)', moments('0001-01-01', '9999-12-31')],
  ['DATETIME(3)', moments('0001-01-01', '9999-12-30')],
  ['TIMESTAMP(6) NULL', moments('1970-01-02', '2038-01-18')],
  ['TIMESTAMP(1) NULL', moments('1970-01-02', '2038-01-18')],
  ['DATE', moments('0001-01-01', '9999-12-31')],
  ['BIGINT', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  ['BIGINT UNSIGNED', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)],
  ['MEDIUMINT', fc.integer({ min: -8_388_608, max: 8_388_607 }).map(String)],
  ['BIT(37)', fc.bigInt({ min: 0n, max: 2n ** 37n - 1n }).map(String)],
  ['SET("a","é","c","日","e","f","g","h","i") CHARACTER SET utf8mb4', fc.integer({ min: 0, max: 511 }).map(String)],
  ['BINARY(20)', bytes],
  ['VARBINARY(400)', bytes],
  ['CHAR(20)', fc.string({ maxLength: 20, unit: 'binary' }).map(quoted)],
];

/** What only one of the two has. */
const OWN_COLUMNS: Readonly<Record<Flavour, readonly AnyColumn[]>> = {
  mysql: [
    ['JSON', fc.json({ stringUnit: 'binary' }).map((text) => quoted(text.replaceAll('\\u0000', 'nul')))],
    ['JSON', doubles.map((value) => `CAST(${value} AS JSON)`)],
    ['JSON', decimals.map((value) => `CAST(CAST(${value} AS DECIMAL(65,30)) AS JSON)`)],
    ['JSON', times.map((value) => `JSON_ARRAY(CAST(${value} AS TIME(6)))`)],
    ['JSON', moments('0001-01-01', '9999-12-31').map((value) => `JSON_OBJECT('a', CAST(${value} AS DATETIME(6)))`)],
    ['JSON', moments('0001-01-01', '9999-12-31').map((value) => `JSON_ARRAY(CAST(${value} AS DATE), 1)`)],
    ['JSON', fc.uint8Array({ maxLength: 200 }).map((value) => `JSON_ARRAY(X'${Buffer.from(value).toString('hex')}')`)],
    [
      'JSON',
      fc.integer({ min: 0, max: 5000 }).map((n) => `JSON_ARRAY(REPEAT('x', ${n}), REPEAT('é', ${n * 10}), ${n})`),
    ],
  ],
  mariadb: [
    ['UUID', fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uuidLiteral)],
    ['UUID', fc.uuid().map(quoted)],
    ['INET4', fc.ipV4().map(quoted)],
    ['INET6', fc.ipV6().map(quoted)],
    [
      'INET6',
      fc
        .array(fc.constantFrom('0', '0', 'ffff', '1', 'a0'), { minLength: 8, maxLength: 8 })
        .map((words) => quoted(words.join(':'))),
    ],
    ['TEXT COMPRESSED', fc.integer({ min: 0, max: 3000 }).map((n) => `REPEAT('ab', ${n})`)],
    ['VARBINARY(3000) COMPRESSED', fc.integer({ min: 0, max: 1500 }).map((n) => `REPEAT('ab', ${n})`)],
  ],
};

function uuidLiteral(value: Uint8Array): string {
  return quoted(
    Buffer.from(value)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  );
}

/** Columns of every type that a server has, each nullable. */
export function anyColumns(flavour: Flavour): readonly AnyColumn[] {
  return [...COLUMNS, ...OWN_COLUMNS[flavour]];
}

/** So many rows of the columns, each a list of literals; the same for the same seed. */
export function anyRows(columns: readonly AnyColumn[], rows: number, seed: number): string[][] {
  const nullable = columns.map(([, values]) => fc.option(values, { nil: 'NULL', freq: 20 }));
  return fc.sample(fc.tuple(...nullable), { numRuns: rows, seed });
}
