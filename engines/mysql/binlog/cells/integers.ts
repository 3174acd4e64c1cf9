import type { CellReader } from './cellReader';
import { putHalves, putPadded, putSigned, putUnsigned } from './digits';

/** Little-endian integers of 1 to 4 and of 8 bytes, as digits. (MySQL: log_event.h, Table_map_event, column types) */
export function integerReader(width: 1 | 2 | 3 | 4 | 8, unsigned: boolean): CellReader {
  if (width === 8) return unsigned ? bigUnsigned : bigSigned;
  const shift = 32 - width * 8;
  return (row) => {
    const value = row.uint(width);
    row.beginText();
    if (unsigned) putUnsigned(row, value);
    else putSigned(row, (value << shift) >> shift);
    row.endText();
  };
}

const bigSigned: CellReader = (row) => {
  const low = row.view.getUint32(row.at, true);
  const high = row.view.getInt32(row.at + 4, true);
  row.at += 8;
  row.beginText();
  putHalves(row, high, low);
  row.endText();
};

const bigUnsigned: CellReader = (row) => {
  const low = row.view.getUint32(row.at, true);
  const high = row.view.getUint32(row.at + 4, true);
  row.at += 8;
  row.beginText();
  putHalves(row, high, low);
  row.endText();
};

/** One byte: years since 1900, or 0 for the year 0000. */
export const yearReader: CellReader = (row) => {
  const value = row.byte();
  row.beginText();
  putPadded(row, value === 0 ? 0 : 1900 + value, 4);
  row.endText();
};

/** An ENUM's place in its list, of one or two bytes. */
export function enumReader(width: number): CellReader {
  return (row) => {
    const value = row.uint(width);
    row.beginText();
    putUnsigned(row, value);
    row.endText();
  };
}
