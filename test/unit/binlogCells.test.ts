import fc from 'fast-check';
import { crc32 as zlibCrc32 } from 'node:zlib';
import type { CellReader } from '../../engines/mysql/binlog/cells/cellReader';
import { decimalBytes, decimalReader } from '../../engines/mysql/binlog/cells/decimal';
import { doubleText } from '../../engines/mysql/binlog/cells/doubles';
import { integerReader } from '../../engines/mysql/binlog/cells/integers';
import { jsonReader } from '../../engines/mysql/binlog/cells/jsonb';
import { RowMemory } from '../../engines/mysql/binlog/cells/rowMemory';
import { datetimeReader, timeReader, timestampReader } from '../../engines/mysql/binlog/cells/temporal';
import { crc32, crc32ByTable } from '../../engines/mysql/binlog/crc32';

/** Reads one cell; fails when it does not take up all of its bytes. */
function read(reader: CellReader, bytes: Uint8Array): string {
  const row = new RowMemory();
  row.load(Buffer.from(bytes), 0, bytes.length, 200);
  reader(row);
  expect(row.at).toBe(bytes.length);
  return row.bytes.toString('utf8', row.start, row.end);
}

const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');

/** A decimal as the manual lays it out, group by group, from its digits. */
function storeDecimal(whole: string, fraction: string, negative: boolean): Buffer {
  const bytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
  const groups = [
    ...(whole.match(/^.{1,9}?(?=(.{9})*$)|.{9}/g) ?? []).map((digits) => [digits, digits.length] as const),
    ...(fraction.match(/.{1,9}/g) ?? []).map((digits) => [digits, digits.length] as const),
  ];
  const stored = Buffer.concat(
    groups.map(([digits, length]) => {
      const group = Buffer.alloc(bytes[length]!);
      group.writeUIntBE(Number(digits), 0, group.length);
      return group;
    }),
  );
  if (negative) for (const [at, byte] of stored.entries()) stored[at] = byte ^ 0xff;
  stored[0]! ^= 0x80;
  return stored;
}

describe('a cell of the log', () => {
  it('is a decimal of any precision and scale', () => {
    const shapes = fc.integer({ min: 0, max: 30 }).chain((scale) =>
      fc.record({
        fraction: fc.stringMatching(new RegExp(`^[0-9]{${scale}}$`)),
        whole: fc.stringMatching(/^[0-9]{1,35}$/),
        negative: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(shapes, ({ whole, fraction, negative }) => {
        const stored = storeDecimal(whole, fraction, negative);
        const [precision, scale] = [whole.length + fraction.length, fraction.length];
        expect(stored.length).toBe(decimalBytes(precision, scale));
        const text = `${negative ? '-' : ''}${whole.replace(/^0+(?=.)/, '')}${scale > 0 ? `.${fraction}` : ''}`;
        expect(read(decimalReader(precision, scale), stored)).toBe(text);
      }),
    );
  });

  it('is an integer of any width', () => {
    for (const width of [1, 2, 3, 4, 8] as const) {
      const bits = BigInt(width * 8);
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 2n ** bits - 1n }), (value) => {
          const stored = Buffer.alloc(8);
          stored.writeBigUInt64LE(value);
          const cell = stored.subarray(0, width);
          expect(read(integerReader(width, true), cell)).toBe(String(value));
          expect(read(integerReader(width, false), cell)).toBe(String(BigInt.asIntN(Number(bits), value)));
        }),
      );
    }
  });

  it('is an instant, shown in UTC', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), (seconds) => {
        const stored = Buffer.alloc(4);
        stored.writeUInt32BE(seconds);
        const expected = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
        expect(read(timestampReader(0), stored)).toBe(expected);
      }),
    );
  });

  it.each([
    [timestampReader(0), '00000000', '0000-00-00 00:00:00'],
    [timestampReader(3), '7fffffff26fc', '2038-01-19 03:14:07.998'],
    [datetimeReader(0), '8000000000', '0000-00-00 00:00:00'],
    [datetimeReader(2), '99b2bac8b863', '2024-02-29 12:34:56.99'],
    [timeReader(0), '800000', '00:00:00'],
    [timeReader(1), '7fffffce', '-00:00:00.5'],
    [timeReader(6), '4b9105f0bdc1', '-838:59:58.999999'],
    [timeReader(0), 'b46efb', '838:59:59'],
    [jsonReader(1), '00', 'null'],
    [jsonReader(1), '0204' + '00', 'null'],
    [
      jsonReader(1),
      '0c' + '0c0a' + Buffer.from('a"\\\n\u0001\u007fé€').toString('hex').slice(0, 20),
      '"a\\"\\\\\\n\\u0001\u007fé\ufffd"',
    ],
  ])('is what a SELECT prints: %#', (reader, stored, text) => {
    expect(read(reader, hex(stored))).toBe(text);
  });

  it.each([
    [0, '0'],
    [-0, '-0'],
    [1e15, '1e15'],
    [123456789012345680, '1.2345678901234568e17'],
    [999999999999999, '999999999999999'],
    [1234567890123456.5, '1234567890123456.5'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [1.5e-15, '0.0000000000000015'],
    [1e-15, '0.000000000000001'],
    [1e-16, '1e-16'],
    [5e-324, '5e-324'],
    [-1.7976931348623157e308, '-1.7976931348623157e308'],
  ])('is a double as the servers print it: %d', (value, text) => {
    expect(doubleText(value)).toBe(text);
  });

  it('is a double that reads back as it was', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Number(doubleText(value)), value)).toBe(true);
      }),
    );
  });
});

test('both ways to the checksum come to the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(10), (value, start) => {
      const bytes = Buffer.from(value);
      const from = Math.min(start, bytes.length);
      const expected = zlibCrc32(bytes.subarray(from));
      expect([crc32(bytes, from, bytes.length), crc32ByTable(bytes, from, bytes.length)]).toEqual([expected, expected]);
    }),
  );
});
