import { RejectedValue } from '../../engine';
import { RowBytes, byteAt, type CopyBuffer } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';
import { numericFromDecimal } from './numeric';
import { parseDouble } from './parseDouble';

const ZERO = 0x30;
/** Digits beyond which a decimal number may not come back from a double (IEEE 754: DBL_DIG). */
const DOUBLE_DIGITS = 15;

function writeDouble(out: CopyBuffer, value: number): void {
  out.view.setInt32(out.at, 8);
  out.view.setFloat64(out.at + 4, value);
  out.at += 12;
}

export const float8FromDouble: CellEncoder = small(12, (out, { bytes }, start, end) => {
  writeDouble(out, parseDouble(bytes, start, end));
});

/** A real only from a double that is one: a column of the source's single-precision type holds no other. */
export const float4FromDouble: CellEncoder = small(8, (out, { bytes }, start, end) => {
  const value = parseDouble(bytes, start, end);
  if (Math.fround(value) !== value) throw new RejectedValue('the number cannot be stored as real without rounding');
  out.view.setInt32(out.at, 4);
  out.view.setFloat32(out.at + 4, value);
  out.at += 8;
});

/** An exact number as a double only when it comes back unchanged: up to 15 digits between its outermost non-zeros. */
export const float8FromDecimal: CellEncoder = small(12, (out, { bytes }, start, end) => {
  if (significantDigits(bytes, start, end) > DOUBLE_DIGITS) {
    throw new RejectedValue(`the number has more than the ${DOUBLE_DIGITS} digits a double is sure to hold`);
  }
  writeDouble(out, parseDouble(bytes, start, end));
});

function significantDigits(bytes: Buffer, start: number, end: number): number {
  let digits = 0;
  let upToLastNonZero = 0;
  for (let at = start; at < end; at++) {
    const digit = byteAt(bytes, at) - ZERO;
    if (digit >>> 0 > 9) continue;
    if (digits > 0 || digit > 0) digits++;
    if (digit > 0) upToLastNonZero = digits;
  }
  return upToLastNonZero;
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A numeric with the very digits the source prints for a double. */
export function numericFromDouble(scale: number): CellEncoder {
  const { encode } = numericFromDecimal(scale);
  const plain = new RowBytes();
  return {
    encode(out, { bytes }, start, end) {
      const spelled = bytes.toString('latin1', start, end);
      if (!NUMBER.test(spelled)) throw malformed('a number');
      plain.load(Buffer.from(withoutExponent(spelled), 'latin1'));
      encode(out, plain, 0, plain.bytes.length);
    },
    // A double's exponent moves the point over at most 324 places.
    fixed: 400,
    perByte: 1,
    pieces: null,
  };
}

/** `-1.5e3` as `-1500`. */
function withoutExponent(spelled: string): string {
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(spelled);
  const [, sign = '', whole = '', places = '', exponent = '0'] = match ?? [];
  const digits = whole + places;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
