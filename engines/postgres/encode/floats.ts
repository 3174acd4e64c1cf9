import { RejectedValue } from '../../engine';
import { byteAt, type CopyBuffer } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';
import { numericFromDecimal } from './numeric';

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
/** Digits beyond which a decimal number may not come back from a double (IEEE 754: DBL_DIG). */
const DOUBLE_DIGITS = 15;

/** The powers of ten that a double holds exactly. */
const EXACT_POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The double nearest to a number as text. Up to 15 digits without an exponent take Clinger's short way: digits and
 * power of ten are both exact, so the one rounding of their quotient is the right one. All else is the engine's own
 * exact reading.
 */
export function parseDouble(bytes: Buffer, start: number, end: number): number {
  const negative = start < end && byteAt(bytes, start) === MINUS;
  let digits = 0;
  let places = -1;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const byte = byteAt(bytes, at);
    const digit = byte - ZERO;
    if (digit >>> 0 <= 9) {
      value = value * 10 + digit;
      digits++;
      if (places >= 0) places++;
    } else if (byte === POINT && places < 0) {
      places = 0;
    } else {
      return parseAnyDouble(bytes, start, end);
    }
  }
  if (digits === 0 || digits > DOUBLE_DIGITS) return parseAnyDouble(bytes, start, end);
  const magnitude = places > 0 ? value / (EXACT_POWERS[places] as number) : value;
  return negative ? -magnitude : magnitude;
}

const NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function parseAnyDouble(bytes: Buffer, start: number, end: number): number {
  const spelled = bytes.toString('latin1', start, end);
  if (!NUMBER.test(spelled)) throw malformed('a number');
  const value = Number(spelled);
  if (!Number.isFinite(value)) throw new RejectedValue('the number is larger than a double');
  return value;
}

function writeDouble(out: CopyBuffer, value: number): void {
  out.view.setInt32(out.at, 8);
  out.view.setFloat64(out.at + 4, value);
  out.at += 12;
}

export const float8FromDouble: CellEncoder = small(12, (out, bytes, start, end) => {
  writeDouble(out, parseDouble(bytes, start, end));
});

/** A real only from a double that is one: a column of the source's single-precision type holds no other. */
export const float4FromDouble: CellEncoder = small(8, (out, bytes, start, end) => {
  const value = parseDouble(bytes, start, end);
  if (Math.fround(value) !== value) throw new RejectedValue('the number cannot be stored as real without rounding');
  out.view.setInt32(out.at, 4);
  out.view.setFloat32(out.at + 4, value);
  out.at += 8;
});

/** An exact number as a double only when it comes back unchanged: up to 15 digits between its outermost non-zeros. */
export const float8FromDecimal: CellEncoder = small(12, (out, bytes, start, end) => {
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

/** A numeric with the very digits the source prints for a double. */
export function numericFromDouble(scale: number): CellEncoder {
  const { encode } = numericFromDecimal(scale);
  return {
    encode(out, bytes, start, end) {
      const spelled = bytes.toString('latin1', start, end);
      if (!NUMBER.test(spelled)) throw malformed('a number');
      const plain = Buffer.from(withoutExponent(spelled), 'latin1');
      encode(out, plain, 0, plain.length);
    },
    // A double's exponent moves the point over at most 324 places.
    fixed: 400,
    perByte: 1,
    pieces: null,
  };
}

/** `-1.5e3` as `-1500`. */
export function withoutExponent(spelled: string): string {
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(spelled);
  const [, sign = '', whole = '', places = '', exponent = '0'] = match ?? [];
  const digits = whole + places;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
