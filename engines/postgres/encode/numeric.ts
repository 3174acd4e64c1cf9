import { RejectedValue } from '../../engine';
import { byteAt, type CopyBuffer } from '../copyBuffer';
import { malformed, type CellEncoder, type EncodeCell } from './encoder';

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const SIGN_NEGATIVE = 0x4000;
/** Length word, and the counts of digits, weight, sign and scale. */
const HEADER = 12;
/** The most decimal places a numeric can show (numeric.c: NUMERIC_DSCALE_MAX). */
const MAX_SCALE = 0x3fff;

/**
 * A numeric from a decimal number, in PostgreSQL's base 10,000: int16s for the count of digits, the first digit's
 * weight, the sign, the decimal places to show, then the digits (numeric_send in numeric.c). The server drops leading
 * and trailing zero digits, and would round to the column's scale without a word: more places than that are refused.
 */
export function numericFromDecimal(scale: number): CellEncoder {
  const encode: EncodeCell = (out, { bytes }, start, end) => {
    const negative = start < end && byteAt(bytes, start) === MINUS;
    const first = negative ? start + 1 : start;
    let point = first;
    while (point < end && byteAt(bytes, point) !== POINT) point++;
    const last = point < end ? withinScale(bytes, point, end, scale) : end;
    writeNumeric(out, bytes, first, point, last, negative);
  };
  return { encode, fixed: HEADER + 8, perByte: 1, pieces: null };
}

/** Where the decimal places end once those that are zero beyond `scale` are left out. */
function withinScale(bytes: Buffer, point: number, end: number, scale: number): number {
  const allowed = point + 1 + scale;
  for (let at = allowed; at < end; at++) {
    if (byteAt(bytes, at) !== ZERO) throw new RejectedValue(`the number has more than ${scale} decimal places`);
  }
  return Math.min(end, allowed);
}

/** Whole digits in `bytes[first, point)`, decimal places in `bytes(point, end)`. */
function writeNumeric(
  out: CopyBuffer,
  bytes: Buffer,
  first: number,
  point: number,
  end: number,
  negative: boolean,
): void {
  const whole = point - first;
  const places = point < end ? end - point - 1 : 0;
  if (whole + places === 0) throw malformed('a decimal number');
  if (places > MAX_SCALE) throw new RejectedValue('the number has more decimal places than numeric holds');
  const { view } = out;
  const header = out.at;
  let at = header + HEADER;
  // Groups of four end at the point, so the first takes what they leave over.
  for (let index = first, stop = first + (whole % 4 || 4); index < point; index = stop, stop += 4) {
    view.setInt16(at, fourDigits(bytes, index, stop));
    at += 2;
  }
  for (let index = point + 1; index < end; index += 4) {
    const stop = Math.min(index + 4, end);
    view.setInt16(at, fourDigits(bytes, index, stop) * (POWERS[index + 4 - stop] ?? 1));
    at += 2;
  }
  view.setInt32(header, at - header - 4);
  view.setInt16(header + 4, (at - header - HEADER) / 2);
  view.setInt16(header + 6, Math.ceil(whole / 4) - 1);
  view.setInt16(header + 8, negative ? SIGN_NEGATIVE : 0);
  view.setInt16(header + 10, places);
  out.at = at;
}

const POWERS = [1, 10, 100, 1000];

function fourDigits(bytes: Buffer, at: number, end: number): number {
  let value = 0;
  for (let index = at; index < end; index++) {
    const digit = byteAt(bytes, index) - ZERO;
    if (digit >>> 0 > 9) throw malformed('a decimal number');
    value = value * 10 + digit;
  }
  return value;
}
