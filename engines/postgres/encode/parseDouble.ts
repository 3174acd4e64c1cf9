import { RejectedValue } from '../../engine';
import { byteAt } from '../copyBuffer';
import { malformed } from './encoder';

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Digits kept in the upper part: times 10^LOWER_DIGITS they still fit the 53 bits of a double. */
const UPPER_DIGITS = 12;
const LOWER_DIGITS = 5;

/** The powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The double nearest to a number as text, as `Number` reads it, without making a string in the usual cases: up to 17
 * digits, up to 22 decimal places, no exponent. All else goes the engine's own way.
 */
export function parseDouble(bytes: Buffer, start: number, end: number): number {
  const negative = start < end && byteAt(bytes, start) === MINUS;
  const first = negative ? start + 1 : start;
  let upper = 0;
  let lower = 0;
  let scale = 1;
  let digits = 0;
  let point = -1;
  for (let at = first; at < end; at++) {
    const byte = byteAt(bytes, at);
    const digit = byte - ZERO;
    if (digit >>> 0 > 9) {
      if (byte !== POINT || point >= 0) return parseAnyDouble(bytes, start, end);
      point = at + 1;
    } else if (digits < UPPER_DIGITS) {
      upper = upper * 10 + digit;
      if (upper > 0) digits++;
    } else {
      lower = lower * 10 + digit;
      scale *= 10;
      digits++;
    }
  }
  const places = point < 0 ? 0 : end - point;
  const hasDigit = end - first > (point < 0 ? 0 : 1);
  if (!hasDigit || digits > UPPER_DIGITS + LOWER_DIGITS || places >= POWERS.length) {
    return parseAnyDouble(bytes, start, end);
  }
  const magnitude = divide(upper * scale, lower, POWERS[places] as number);
  if (Number.isNaN(magnitude)) return parseAnyDouble(bytes, start, end);
  return negative ? -magnitude : magnitude;
}

/** Splits a double into two halves whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/**
 * (upper + lower) / divisor, rightly rounded, for exact summands of which the first is the larger; NaN when it cannot
 * tell. The quotient of the rounded sum gets its own remainder, which is exact (Dekker's product), as a correction;
 * where a correction that is slightly larger or smaller would round elsewhere, the answer is left to others.
 */
function divide(upper: number, lower: number, divisor: number): number {
  const sum = upper + lower;
  const lost = lower - (sum - upper);
  const quotient = sum / divisor;
  if (lost === 0 && sum <= Number.MAX_SAFE_INTEGER) return quotient;
  const quotientHigh = quotient * SPLITTER - (quotient * SPLITTER - quotient);
  const quotientLow = quotient - quotientHigh;
  const divisorHigh = divisor * SPLITTER - (divisor * SPLITTER - divisor);
  const divisorLow = divisor - divisorHigh;
  const product = quotient * divisor;
  const productLost =
    quotientLow * divisorLow -
    (product - quotientHigh * divisorHigh - quotientLow * divisorHigh - quotientHigh * divisorLow);
  const correction = (sum - product - productLost + lost) / divisor;
  const doubt = correction * 2 ** -40;
  const result = quotient + correction;
  return quotient + (correction + doubt) === quotient + (correction - doubt) ? result : NaN;
}

function parseAnyDouble(bytes: Buffer, start: number, end: number): number {
  const spelled = bytes.toString('latin1', start, end);
  const value = Number(spelled);
  if (Number.isNaN(value) || !/^-?[\d.]/.test(spelled) || /[^\d.eE+-]/.test(spelled)) throw malformed('a number');
  if (!Number.isFinite(value)) throw new RejectedValue('the number is larger than a double');
  return value;
}
