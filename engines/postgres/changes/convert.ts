import type { CanonicalType } from '../../../domain/canonicalType';
import { unreadable } from './unreadable';
import type { RowText } from './rowText';
import { setFromArray } from './setFromArray';
import { timeFromInterval } from './timeFromInterval';

/** Makes the cell's format of the text that PostgreSQL writes. */
export interface Conversion {
  readonly convert: (row: RowText) => void;
  /** The cell may become longer. */
  readonly needsRoom: boolean;
}

const inPlace = (convert: Conversion['convert']): Conversion => ({ convert, needsRoom: false });
const elsewhere = (convert: Conversion['convert']): Conversion => ({ convert, needsRoom: true });

/** What is to be done with a column's cells; null where PostgreSQL's text is the cell's format already. */
export function conversionOf(type: CanonicalType, where: string): Conversion | null {
  switch (type.kind) {
    case 'boolean':
      return inPlace(digitFromBoolean);
    case 'bits':
      return inPlace(bytesFromBits);
    case 'bytes':
      return inPlace(bytesFromHex(where));
    case 'timestamp':
      return type.zoned ? inPlace(withoutUtc) : null;
    case 'set':
      return inPlace(setFromArray);
    case 'real':
      return elsewhere(doubleFromReal);
    case 'interval':
      return elsewhere(timeFromInterval);
    case 'enum':
      return elsewhere(placeOfLabel(type.labels, where));
    default:
      return null;
  }
}

const ZERO = 0x30;
const ONE = 0x31;
const TRUE = 0x74;

function digitFromBoolean({ bytes, cellStart }: RowText): void {
  bytes[cellStart] = bytes[cellStart] === TRUE ? ONE : ZERO;
}

/** Eight digits become a byte, the last digit the lowest bit. */
function bytesFromBits(row: RowText): void {
  const { bytes, cellStart, cellEnd } = row;
  const length = (cellEnd - cellStart + 7) >> 3;
  let to = cellStart;
  let from = cellStart;
  for (let byte = 0; byte < length; byte++) {
    const behind = cellEnd - (length - 1 - byte) * 8;
    let value = 0;
    for (; from < behind; from++) value = (value << 1) | ((bytes[from] as number) & 1);
    bytes[to++] = value;
  }
  row.cellEnd = to;
}

const HEX = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) HEX[value.toString(16).charCodeAt(0)] = value;

/** `\x` and two digits a byte (manual, "bytea Hex Format"); bytea_output is pinned to it. */
function bytesFromHex(where: string): Conversion['convert'] {
  return (row) => {
    const { bytes, cellStart, cellEnd } = row;
    if (bytes[cellStart] !== 0x5c || bytes[cellStart + 1] !== 0x78 || (cellEnd - cellStart) % 2 !== 0) {
      throw unreadable(where, 'comes in another form than hexadecimal digits');
    }
    let to = cellStart;
    for (let from = cellStart + 2; from < cellEnd; from += 2) {
      const high = HEX[bytes[from] as number] as number;
      const low = HEX[bytes[from + 1] as number] as number;
      if ((high | low) < 0) throw unreadable(where, 'comes in another form than hexadecimal digits');
      bytes[to++] = (high << 4) | low;
    }
    row.cellEnd = to;
  };
}

/** TimeZone is pinned to UTC; what ends otherwise is infinite, or before the common era. */
function withoutUtc(row: RowText): void {
  const { bytes, cellEnd } = row;
  const isUtc = bytes[cellEnd - 3] === 0x2b && bytes[cellEnd - 2] === ZERO && bytes[cellEnd - 1] === ZERO;
  if (isUtc) row.cellEnd = cellEnd - 3;
}

/** A real prints as few digits as tell it from other reals; as a double, these are another number. */
function doubleFromReal(row: RowText): void {
  const text = row.text();
  const real = Math.fround(Number(text));
  // Not a number, infinite, or a zero that may have a sign.
  if (!Number.isFinite(real) || real === 0) return;
  row.replace(String(real));
}

/** The label's place in the plan's list, from 1. */
function placeOfLabel(labels: readonly string[], where: string): Conversion['convert'] {
  const places = new Map<string, string>();
  labels.forEach((label, index) => {
    const bytes = Buffer.from(label).toString('latin1');
    if (!places.has(bytes)) places.set(bytes, String(index + 1));
  });
  return (row) => {
    const place = places.get(row.text());
    if (place === undefined) throw unreadable(where, 'holds a label that the type did not have when it was planned');
    row.replace(place);
  };
}
