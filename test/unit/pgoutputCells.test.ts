import fc from 'fast-check';
import type { CanonicalType } from '../../domain/canonicalType';
import { conversionOf } from '../../engines/postgres/changes/convert';
import { logName } from '../../engines/postgres/changes/logNames';
import { formatLsn, parseLsn } from '../../engines/postgres/changes/lsn';
import { sameType, spellType } from '../../engines/postgres/changes/nativeTypes';
import { RowText } from '../../engines/postgres/changes/rowText';
import { thrownBy } from '../helpers/thrown';

/** What becomes of a cell, amid others that must stay as they are. */
function convert(type: CanonicalType, text: string | Buffer): Buffer {
  const cell = Buffer.from(text);
  const conversion = conversionOf(type, 't.c');
  const row = new RowText();
  const message = Buffer.concat([Buffer.from('before'), cell, Buffer.from('behind')]);
  row.load(message, 0, message.length, conversion?.needsRoom === true ? 1 : 0);
  row.cellStart = 6;
  row.cellEnd = 6 + cell.length;
  conversion?.convert(row);
  const converted = Buffer.from(row.bytes.subarray(row.cellStart, row.cellEnd));
  expect(row.bytes.toString('latin1', 0, 6)).toBe('before');
  expect(row.bytes.toString('latin1', 6 + cell.length, 12 + cell.length)).toBe('behind');
  return converted;
}

test('bytes come out of hexadecimal digits as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const hex = Buffer.from(bytes).toString('hex');
      expect(convert({ kind: 'bytes', length: null, fixed: false }, `\\x${hex}`)).toEqual(Buffer.from(bytes));
    }),
  );
  for (const wrong of ['abc', '\\x1', '\\xgg', '\\x4G', '']) {
    expect(thrownBy(() => convert({ kind: 'bytes', length: null, fixed: false }, wrong))).toMatchObject({
      code: 'LOG_UNREADABLE',
    });
  }
});

test('bits become the bytes of the number that they are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (length, any) => {
      const value = BigInt.asUintN(length, any);
      const bytes = convert({ kind: 'bits', length }, value.toString(2).padStart(length, '0'));
      expect(bytes).toHaveLength(Math.ceil(length / 8));
      expect(BigInt(`0x${bytes.toString('hex')}`)).toBe(value);
    }),
  );
});

/** As PostgreSQL's array_out quotes an element. */
const element = (label: string): string =>
  label === '' || /[\s{},"\\]/.test(label) || label.toLowerCase() === 'null'
    ? `"${label.replace(/[\\"]/g, '\\$&')}"`
    : label;

test('a list of labels comes as its labels, and any other array as it is', () => {
  const label = fc.string({ unit: fc.constantFrom('a', 'ü', ' ', '"', '\\', '{', '}', 'N', 'NULL'), minLength: 1 });
  fc.assert(
    fc.property(fc.array(label), (labels) => {
      const cell = convert({ kind: 'set', labels: [] }, `{${labels.map(element).join(',')}}`);
      expect(cell.toString()).toBe(labels.join(','));
    }),
  );
  const odd = fc.constantFrom('NULL', '""', '"a,b"', '{a}');
  fc.assert(
    fc.property(fc.array(label), odd, fc.array(label), (before, strange, behind) => {
      const array = `{${[...before.map(element), strange, ...behind.map(element)].join(',')}}`;
      expect(convert({ kind: 'set', labels: [] }, array).toString()).toBe(array);
    }),
  );
});

test('a span of days and a clock time is the clock time that it comes to', () => {
  const DAY = 86_400_000_000n;
  const clockOf = (micros: bigint, plus: string): string => {
    const size = micros < 0n ? -micros : micros;
    const two = (value: bigint): string => String(value).padStart(2, '0');
    const fraction =
      size % 1_000_000n === 0n
        ? ''
        : `.${String(size % 1_000_000n)
            .padStart(6, '0')
            .replace(/0+$/, '')}`;
    const seconds = size / 1_000_000n;
    return `${micros < 0n ? '-' : plus}${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction}`;
  };
  fc.assert(
    fc.property(
      fc.bigInt({ min: -4000n, max: 4000n }),
      fc.bigInt({ min: -400n * DAY, max: 400n * DAY }),
      (days, micros) => {
        const words = days === 0n ? [] : [`${days} ${days === 1n ? 'day' : 'days'}`];
        const clock = micros === 0n && days !== 0n ? [] : [clockOf(micros, days < 0n ? '+' : '')];
        const cell = convert({ kind: 'interval', precision: 6 }, [...words, ...clock].join(' '));
        expect(cell.toString()).toBe(clockOf(days * DAY + micros, ''));
      },
    ),
  );
  for (const kept of ['1 mon', '2 years 3 mons 1 day 00:00:01', '-1 years', 'infinity', '-infinity']) {
    expect(convert({ kind: 'interval', precision: 6 }, kept).toString()).toBe(kept);
  }
});

test('a real is spelled as the double that it equals', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (real) => {
      fc.pre(real !== 0);
      // The fewest digits that tell it from other reals.
      const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((count) => Math.fround(Number(real.toPrecision(count))) === real);
      const cell = convert({ kind: 'real' }, real.toPrecision(digits)).toString();
      expect(Number(cell)).toBe(real);
    }),
  );
  for (const kept of ['NaN', 'Infinity', '-Infinity', '-0', '0'])
    expect(convert({ kind: 'real' }, kept).toString()).toBe(kept);
});

test('a label is its place in the list, and one that is not in it is refused', () => {
  const mood: CanonicalType = { kind: 'enum', labels: ['', 'ü', 'b', 'b'] };
  expect(['', 'ü', 'b'].map((label) => convert(mood, label).toString())).toEqual(['1', '2', '3']);
  expect(thrownBy(() => convert(mood, 'new'))).toMatchObject({ code: 'LOG_UNREADABLE' });
});

test('an instant loses the zone that it is spelled in, and what is none is left', () => {
  const instant: CanonicalType = { kind: 'timestamp', precision: 6, zoned: true };
  expect(convert(instant, '2024-02-29 12:00:00.5+00').toString()).toBe('2024-02-29 12:00:00.5');
  for (const kept of ['infinity', '0044-03-15 00:00:00+00 BC']) expect(convert(instant, kept).toString()).toBe(kept);
});

test('a place in the log is the same 64 bits as a number and as text', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (lsn) => expect(parseLsn(formatLsn(lsn))).toBe(lsn)),
  );
  expect(formatLsn(0x16b374d848n)).toBe('16/B374D848');
  for (const wrong of ['', '1', '1/2/3', 'G/0', '123456789/0', '-1/0']) {
    expect(thrownBy(() => parseLsn(wrong))).toMatchObject({ code: 'POSITION_LOST' });
  }
});

test('types of the log are spelled as they are declared', () => {
  const spell = (type: number, modifier: number): string => spellType({ type, modifier }, new Map());
  expect(spell(1700, ((8 << 16) | 2) + 4)).toBe('numeric(8,2)');
  expect(spell(1700, ((1000 << 16) | 1000) + 4)).toBe('numeric(1000,1000)');
  expect(spell(1700, ((3 << 16) | (-2 & 0x7ff)) + 4)).toBe('numeric(3,-2)');
  expect(spell(1186, (0x7fff << 16) | 3)).toBe('interval(3)');
  expect(spell(1186, 0x7fffffff)).toBe('interval');
  expect(spell(1043, 24)).toBe('varchar(20)');
  expect(spell(99_999, -1)).toBe('the type number 99999');
  expect(sameType('timestamp(6)', 'timestamp without time zone')).toBe(true);
  expect(sameType('timestamp(6)', 'timestamptz(6)')).toBe(false);
  expect(sameType('"a"."b"', 'a.b')).toBe(true);
});

test('slots are named for their stream alone, in what PostgreSQL admits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (runId, stream) => {
      expect(logName({ runId, stream })).toMatch(/^[a-z0-9_]{1,63}$/);
    }),
  );
  const names = [
    ['a', 'b'],
    ['a', 'c'],
    ['A', 'b'],
    ['a ', 'b'],
    ['ab', ''],
  ].map(([runId = '', stream = '']) => logName({ runId, stream }));
  expect(new Set(names).size).toBe(names.length);
});
