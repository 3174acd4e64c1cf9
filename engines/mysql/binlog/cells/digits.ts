import type { RowMemory } from './rowMemory';

const ZERO = 0x30;
const MINUS = 0x2d;
const BILLION = 1_000_000_000;

/** Writes a whole number of 0 to 2^53. */
export function putUnsigned(row: RowMemory, value: number): void {
  if (value >= BILLION) {
    const high = Math.floor(value / BILLION);
    putUnsigned(row, high);
    putPadded(row, value - high * BILLION, 9);
    return;
  }
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  putPadded(row, value, digits);
}

/** Writes exactly `digits` digits, at most nine, zeros in front. */
export function putPadded(row: RowMemory, value: number, digits: number): void {
  const { bytes, to } = row;
  let rest = value | 0;
  let at = to + digits - 1;
  for (; at > to; at -= 2) {
    const hundredth = (rest / 100) | 0;
    const pair = rest - hundredth * 100;
    const tens = (pair * 205) >> 11;
    bytes[at - 1] = ZERO + tens;
    bytes[at] = ZERO + pair - tens * 10;
    rest = hundredth;
  }
  if (at === to) bytes[at] = ZERO + rest;
  row.to = to + digits;
}

export function putSigned(row: RowMemory, value: number): void {
  if (value < 0) row.put(MINUS);
  putUnsigned(row, Math.abs(value));
}

/** Writes a 64-bit number given by its halves; the upper one is signed or not as the number is. */
export function putHalves(row: RowMemory, high: number, low: number): void {
  const value = high * 2 ** 32 + low;
  if (Number.isSafeInteger(value)) putSigned(row, value);
  else row.putAscii(((BigInt(high) << 32n) | BigInt(low)).toString());
}
