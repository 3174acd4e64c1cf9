import { RejectedValue } from '../../engine';
import { byteAt, writeHalves, type CopyBuffer } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';

const MINUS = 0x2d;
const ZERO = 0x30;
/** 10^15 < 2^53: so many digits add up without loss. */
const SAFE_DIGITS = 15;
const TWO_32 = 2 ** 32;

function outOfRange(name: string): RejectedValue {
  return new RejectedValue(`the number does not fit ${name}`);
}

/** The number that the digits in `bytes[at, end)` spell; exact up to SAFE_DIGITS digits. */
function parseDigits(bytes: Buffer, at: number, end: number): number {
  if (at === end) throw malformed('an integer');
  let value = 0;
  for (let index = at; index < end; index++) {
    const digit = byteAt(bytes, index) - ZERO;
    if (digit >>> 0 > 9) throw malformed('an integer');
    value = value * 10 + digit;
  }
  return value;
}

/** The integer a cell spells; not exact, but as large, beyond SAFE_DIGITS digits. */
export function parseInteger(bytes: Buffer, start: number, end: number): number {
  return byteAt(bytes, start) === MINUS && start < end
    ? -parseDigits(bytes, start + 1, end)
    : parseDigits(bytes, start, end);
}

export const int2FromInteger: CellEncoder = small(6, (out, { bytes }, start, end) => {
  writeInt2(out, parseInteger(bytes, start, end));
});

export function writeInt2(out: CopyBuffer, value: number): void {
  if (value < -0x8000 || value > 0x7fff) throw outOfRange('smallint');
  out.view.setInt32(out.at, 2);
  out.view.setInt16(out.at + 4, value);
  out.at += 6;
}

export const int4FromInteger: CellEncoder = small(8, (out, { bytes }, start, end) => {
  writeInt4(out, parseInteger(bytes, start, end));
});

export function writeInt4(out: CopyBuffer, value: number): void {
  if (value < -0x80000000 || value > 0x7fffffff) throw outOfRange('integer');
  out.view.setInt32(out.at, 4);
  out.view.setInt32(out.at + 4, value);
  out.at += 8;
}

export const int8FromInteger: CellEncoder = small(12, (out, { bytes }, start, end) => {
  writeInt8(out, bytes, start, end);
});

function writeInt8(out: CopyBuffer, bytes: Buffer, start: number, end: number): void {
  if (start === end) throw malformed('an integer');
  const negative = byteAt(bytes, start) === MINUS;
  let first = negative ? start + 1 : start;
  if (end - first <= SAFE_DIGITS) {
    const magnitude = parseDigits(bytes, first, end);
    const value = negative ? -magnitude : magnitude;
    writeHalves(out, Math.floor(value / TWO_32), value >>> 0);
    return;
  }
  while (first < end - 1 && byteAt(bytes, first) === ZERO) first++;
  writeLong(out, bytes, first, end, negative);
}

/**
 * 16 digits and more, as upper * 10^9 + lower in two halves of 32 bits, without a BigInt: with
 * upper = u1 * 2^16 + u0 every product below stays a safe integer.
 */
function writeLong(out: CopyBuffer, bytes: Buffer, first: number, end: number, negative: boolean): void {
  if (end - first > 19) throw outOfRange('bigint');
  const upper = first < end - 9 ? parseDigits(bytes, first, end - 9) : 0;
  const lower = parseDigits(bytes, Math.max(first, end - 9), end);
  const u1 = Math.floor(upper / 65536) * 1e9;
  const u0 = (upper % 65536) * 1e9 + lower;
  const lowSum = (u1 % 65536) * 65536 + u0;
  const carry = Math.floor(lowSum / TWO_32);
  const high = Math.floor(u1 / 65536) + carry;
  const low = lowSum - carry * TWO_32;
  if (!negative) {
    if (high > 0x7fffffff) throw outOfRange('bigint');
    writeHalves(out, high, low);
    return;
  }
  if (high > 0x80000000 || (high === 0x80000000 && low > 0)) throw outOfRange('bigint');
  // Two's complement: invert both halves and add one, which carries only when the lower half was 0.
  writeHalves(out, low === 0 ? -high : ~high, -low);
}

const POINT = 0x2e;

/** An integer from a decimal number whose places are all zero. */
export function integerFromDecimal(integer: CellEncoder): CellEncoder {
  return {
    ...integer,
    encode(out, row, start, end) {
      const { bytes } = row;
      let point = start;
      while (point < end && byteAt(bytes, point) !== POINT) point++;
      for (let at = point + 1; at < end; at++) {
        if (byteAt(bytes, at) !== ZERO) throw new RejectedValue('the number is not a whole one');
      }
      integer.encode(out, row, start, point);
    },
  };
}

/** True or false from 1 or 0; any other number is no boolean. */
export const booleanFromInteger: CellEncoder = small(5, (out, { bytes }, start, end) => {
  writeBoolean(out, parseInteger(bytes, start, end));
});

export function writeBoolean(out: CopyBuffer, value: number): void {
  if (value !== 0 && value !== 1) throw new RejectedValue('the number is neither 0 nor 1, so it is no boolean');
  out.view.setInt32(out.at, 1);
  out.bytes[out.at + 4] = value;
  out.at += 5;
}
