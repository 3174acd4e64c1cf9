import type { CellReader } from './cellReader';
import type { RowMemory } from './rowMemory';

/** Between these, JavaScript and the servers write the same: no exponent, the fewest digits that read back alike. */
const PLAIN_FROM = 1e-6;
const PLAIN_TO = 1e15;
/** The servers write no exponent where the first digit is at most so many places behind or before the point. */
const PLAIN_PLACES = 15;

export const doubleReader: CellReader = (row) => {
  const value = row.view.getFloat64(row.at, true);
  row.at += 8;
  row.beginText();
  row.putAscii(doubleText(value));
  row.endText();
};

export const floatReader: CellReader = (row) => {
  const value = row.view.getFloat32(row.at, true);
  row.at += 4;
  row.beginText();
  row.putAscii(doubleText(value));
  row.endText();
};

/** A double as the servers print it. (MySQL and MariaDB: strings/dtoa, my_gcvt) */
export function doubleText(value: number): string {
  const size = Math.abs(value);
  if (size >= PLAIN_FROM && size < PLAIN_TO) return String(value);
  if (size === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = ''] = size.toExponential().split('e');
  return (value < 0 ? '-' : '') + layOut(digits.replace('.', ''), Number(exponent) + 1);
}

/** `point` is how many digits stand before the decimal point; it may be negative. */
function layOut(digits: string, point: number): string {
  const count = digits.length;
  if (point <= -PLAIN_PLACES || (point > PLAIN_PLACES && count <= point)) {
    const rest = digits.slice(1);
    return `${digits.slice(0, 1)}${rest === '' ? '' : `.${rest}`}e${point - 1}`;
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (count <= point) return digits + '0'.repeat(point - count);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A JSON document's double: never to be taken for an integer. */
export function putJsonDouble(row: RowMemory, value: number): void {
  const text = doubleText(value);
  row.putAscii(/[.e]/.test(text) ? text : `${text}.0`);
}
