import type { CellReader } from './cellReader';
import { putPadded, putUnsigned } from './digits';
import type { RowMemory } from './rowMemory';

const GROUP_DIGITS = 9;
/** Bytes that hold so many digits. (MySQL: decimal.cc, dig2bytes) */
const BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;

/** How many digits each group has, most significant first. */
function groupsOf(digits: number, restFirst: boolean): number[] {
  const rest = digits % GROUP_DIGITS;
  const full = Array.from({ length: Math.floor(digits / GROUP_DIGITS) }, () => GROUP_DIGITS);
  if (rest === 0) return full;
  return restFirst ? [rest, ...full] : [...full, rest];
}

/** Reads a decimal at `row.at` and writes it. */
type DecimalWriter = (row: RowMemory) => void;

/** Digits in big-endian groups of nine; the first bit is set on what is not negative, all others are turned on what is. */
export function decimalWriter(precision: number, scale: number): DecimalWriter {
  const whole = groupsOf(precision - scale, true);
  const fraction = groupsOf(scale, false);
  return (row) => {
    const first = row.bytes[row.at] as number;
    const isPositive = (first & 0x80) !== 0;
    const mask = isPositive ? 0 : 0xff;
    // The memory is a copy of the log's, made for this one reading.
    row.bytes[row.at] = first ^ 0x80;
    if (!isPositive) row.put(0x2d);
    let written = false;
    for (const digits of whole) {
      const value = readGroup(row, digits, mask);
      if (written) putPadded(row, value, digits);
      else if (value !== 0) {
        putUnsigned(row, value);
        written = true;
      }
    }
    if (!written) row.put(0x30);
    if (scale > 0) row.put(0x2e);
    for (const digits of fraction) putPadded(row, readGroup(row, digits, mask), digits);
  };
}

export function decimalReader(precision: number, scale: number): CellReader {
  const write = decimalWriter(precision, scale);
  return (row) => {
    row.beginText();
    write(row);
    row.endText();
  };
}

export function decimalBytes(precision: number, scale: number): number {
  const count = (digits: number): number =>
    Math.floor(digits / GROUP_DIGITS) * 4 + (BYTES[digits % GROUP_DIGITS] as number);
  return count(precision - scale) + count(scale);
}

function readGroup(row: RowMemory, digits: number, mask: number): number {
  let value = 0;
  for (let bytes = BYTES[digits] as number; bytes > 0; bytes--) value = value * 256 + (row.byte() ^ mask);
  return value;
}
