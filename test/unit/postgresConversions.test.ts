import fc from 'fast-check';
import { RejectedValue } from '../../engines/engine';
import { CopyBuffer, RowBytes } from '../../engines/postgres/copyBuffer';
import { parseDouble } from '../../engines/postgres/encode/parseDouble';
import { utf8Writer } from '../../engines/postgres/encode/utf8';
import { encodeCell } from '../helpers/encodeCell';
import { TEXT, integer, text } from '../helpers/targetRows';

const RUNS = { numRuns: 3_000 };

test('a number is read as the double the engine reads', () => {
  const same = (spelled: string): void => {
    const bytes = Buffer.from(spelled);
    expect(parseDouble(bytes, 0, bytes.length)).toBe(Number(spelled));
  };
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => same(String(value))),
    RUNS,
  );
  // 16 and 17 digits with a point anywhere, where a product or quotient of doubles would be off by one.
  const digits = fc.bigInt({ min: 10n ** 15n, max: 10n ** 17n - 1n });
  fc.assert(
    fc.property(digits, fc.nat(22), (whole, places) => {
      const all = String(whole).padStart(places + 1, '0');
      same(places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`);
    }),
    RUNS,
  );
  for (const spelled of ['-0', '0.000', '-0.0', '.5', '5.', '9007199254740993', '90071992547409925', '1e22', '4.35'])
    same(spelled);
});

test('an integer of 64 bits has the bytes of its two’s complement', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(6), (value, zeros) => {
      const spelled = `${value < 0 ? '-' : ''}${'0'.repeat(zeros)}${value < 0 ? -value : value}`;
      const field = encodeCell({ cell: { kind: 'integer' }, type: integer(64), native: 'bigint' }, spelled);
      expect(field.readBigInt64BE(4)).toBe(value);
    }),
    RUNS,
  );
});

test('bytes pass as text exactly when they are UTF-8 without NUL', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const isText = (bytes: Buffer): boolean => {
    try {
      return !strict.decode(bytes).includes('\0');
    } catch {
      return false;
    }
  };
  const anyBytes = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
  const nearlyText = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(600), fc.nat(255), fc.boolean())
    .map(([given, place, byte, damaged]) => {
      const bytes = Buffer.from(given);
      if (damaged && bytes.length > 0) bytes[place % bytes.length] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(anyBytes, nearlyText), (bytes) => {
      const encode = () => encodeCell({ cell: TEXT, type: text(), native: 'text' }, bytes);
      if (isText(bytes)) expect(encode().subarray(4)).toEqual(bytes);
      else expect(encode).toThrow(RejectedValue);
    }),
    RUNS,
  );
});

test('stripping takes out NUL and nothing else, wherever the text lies in its memory', () => {
  const write = utf8Writer('strip');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(3), (given, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), Buffer.from(given), Buffer.alloc(2, 0)]);
      const out = new CopyBuffer(bytes.length);
      write(out, new RowBytes().load(bytes), before, bytes.length - 2);
      expect(out.bytes.toString('utf8', 0, out.at)).toBe(given.replaceAll('\0', ''));
    }),
    RUNS,
  );
});
