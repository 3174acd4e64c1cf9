import fc from 'fast-check';
import { freshDatabase, type FreshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';
import { TEXT, decimal, integer, storedText, text, type Cell, type TargetColumn } from '../../helpers/targetRows';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(sharedServers().postgresUrl);
});
afterAll(async () => database.drop());

describe('whatever the value, PostgreSQL holds the same', () => {
  const property = async <T>(
    arbitrary: fc.Arbitrary<T>,
    column: Omit<TargetColumn, 'name'>,
    cell: (value: T) => Cell,
    expected: (value: T) => string,
    expression?: string,
  ): Promise<void> => {
    const list = fc.array(arbitrary, { minLength: 300, maxLength: 600, size: 'max' });
    await fc.assert(
      fc.asyncProperty(list, async (values) => {
        const stored = await storedText(database.url, column, values.map(cell), expression);
        expect(stored).toEqual(values.map(expected));
      }),
      { numRuns: 15 },
    );
  };

  test('integers of 64 bits', () =>
    property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      { cell: { kind: 'integer' }, type: integer(64), native: 'bigint' },
      String,
      String,
    ));

  test('decimals up to 65 digits', () =>
    property(
      fc
        .tuple(fc.boolean(), fc.integer({ min: 1, max: 65 }), fc.integer({ min: 0, max: 30 }))
        .chain(([negative, digits, scale]) =>
          fc.tuple(
            fc.constant(negative),
            fc.constant(Math.min(scale, digits)),
            fc.array(fc.integer({ min: 0, max: 9 }), { minLength: digits, maxLength: digits }),
          ),
        )
        .map(([negative, scale, digits]) => {
          const all = digits.join('').padStart(scale + 1, '0');
          const whole = all.slice(0, all.length - scale).replace(/^0+(?=\d)/, '');
          const number = scale === 0 ? whole : `${whole}.${all.slice(-scale)}`;
          return negative && /[1-9]/.test(number) ? `-${number}` : number;
        }),
      // numeric(100,30) pads to its scale; a plain numeric shows the places it was given.
      { cell: { kind: 'decimal' }, type: decimal(65, 65), native: 'numeric' },
      (value) => value,
      (value) => value,
    ));

  test('doubles, bit for bit', () =>
    property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      { cell: { kind: 'double' }, type: { kind: 'double' }, native: 'double precision' },
      (value) => (Object.is(value, -0) ? '-0' : String(value)),
      (value) => {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(value);
        return `\\x${bytes.toString('hex')}`;
      },
      'float8send(v)::text',
    ));

  const days = fc.integer({ min: Date.UTC(1000, 0, 1) / 86_400_000, max: Date.UTC(9999, 11, 31) / 86_400_000 });
  const date = days.map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));

  test('dates over the whole range', () =>
    property(date, { cell: { kind: 'date' }, type: { kind: 'date' }, native: 'date' }, String, String));

  const fraction = (micros: number) => String(micros).padStart(6, '0');
  const clock = fc.tuple(fc.integer({ min: 0, max: 86_399 }), fc.integer({ min: 0, max: 999_999 }));
  const two = (value: number) => String(value).padStart(2, '0');
  const hms = (seconds: number) =>
    `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

  test('timestamps to the microsecond', () =>
    property(
      fc.tuple(date, clock),
      { cell: { kind: 'timestamp' }, type: { kind: 'timestamp', precision: 6, zoned: false }, native: 'timestamp(6)' },
      ([day, [seconds, micros]]) => `${day} ${hms(seconds)}.${fraction(micros)}`,
      ([day, [seconds, micros]]) => `${day} ${hms(seconds)}.${fraction(micros)}`,
      `to_char(v, 'YYYY-MM-DD HH24:MI:SS.US')`,
    ));

  test('spans of time either way', () =>
    property(
      fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 838 * 3600 + 3599 }), fc.integer({ min: 0, max: 999_999 })),
      { cell: { kind: 'time' }, type: { kind: 'interval', precision: 6 }, native: 'interval(6)' },
      ([negative, seconds, micros]) => `${negative ? '-' : ''}${hms(seconds)}.${fraction(micros)}`,
      ([negative, seconds, micros]) => String((negative ? -1n : 1n) * (BigInt(seconds) * 1_000_000n + BigInt(micros))),
      `(extract(epoch from v) * 1000000)::bigint::text`,
    ));

  test('text of any characters', () =>
    property(
      fc.string({ unit: 'binary', maxLength: 400 }).map((value) => value.replaceAll('\0', '')),
      { cell: TEXT, type: text(), native: 'text' },
      (value) => value,
      (value) => value,
    ));

  test('bytes of any length', () =>
    property(
      fc.uint8Array({ maxLength: 600 }),
      { cell: { kind: 'bytes' }, type: { kind: 'bytes', length: null, fixed: false }, native: 'bytea' },
      (value) => Buffer.from(value),
      (value) => `\\x${Buffer.from(value).toString('hex')}`,
    ));
});
