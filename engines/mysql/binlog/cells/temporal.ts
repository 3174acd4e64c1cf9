import type { CellReader } from './cellReader';
import { putPadded, putUnsigned } from './digits';
import type { RowMemory } from './rowMemory';

const DASH = 0x2d;
const COLON = 0x3a;
const SPACE = 0x20;
const POINT = 0x2e;
const DAY_SECONDS = 86_400;

/** Bytes that hold so many fractional digits. */
export function fractionBytes(precision: number): number {
  return (precision + 1) >> 1;
}

export const dateReader: CellReader = (row) => {
  const value = row.uint(3);
  row.beginText();
  putDate(row, value >> 9, (value >> 5) & 15, value & 31);
  row.endText();
};

/** DATETIME since MySQL 5.6: a sign bit, 13 months a year in 17 bits, then day, hour, minute, second. */
export function datetimeReader(precision: number): CellReader {
  return (row) => {
    const high = row.byte();
    const low = row.view.getUint32(row.at, false);
    row.at += 4;
    const months = ((high & 0x7f) << 10) | (low >>> 22);
    row.beginText();
    putDate(row, Math.floor(months / 13), months % 13, (low >>> 17) & 31);
    row.put(SPACE);
    putClock(row, (low >>> 12) & 31, (low >>> 6) & 63, low & 63);
    putFraction(row, precision);
    row.endText();
  };
}

/** Seconds since 1970, big-endian, shown in UTC; 0 is the zero date. */
export function timestampReader(precision: number): CellReader {
  return (row) => {
    const seconds = row.view.getUint32(row.at, false);
    row.at += 4;
    row.beginText();
    putMoment(row, seconds);
    putFraction(row, precision);
    row.endText();
  };
}

/** TIME since MySQL 5.6: hours, minutes and seconds in 3 bytes from an offset, which with the fraction make one number. */
export function timeReader(precision: number): CellReader {
  const width = fractionBytes(precision);
  const unit = 256 ** width;
  const negativeUnit = 0x80_0000 * unit;
  return (row) => {
    let packed = (row.view.getUint16(row.at, false) << 8) | row.view.getUint8(row.at + 2);
    row.at += 3;
    for (let byte = 0; byte < width; byte++) packed = packed * 256 + row.byte();
    packed -= negativeUnit;
    row.beginText();
    if (packed < 0) {
      row.put(DASH);
      packed = -packed;
    }
    const whole = Math.floor(packed / unit);
    putClock(row, whole >> 12, (whole >> 6) & 63, whole & 63);
    if (precision > 0) putFractionDigits(row, packed - whole * unit, precision, width);
    row.endText();
  };
}

/** DATETIME before MySQL 5.6: YYYYMMDDhhmmss as a number. */
export const oldDatetimeReader: CellReader = (row) => {
  const value = row.view.getUint32(row.at, true) + row.view.getUint32(row.at + 4, true) * 2 ** 32;
  row.at += 8;
  const date = Math.floor(value / 1_000_000);
  const clock = value - date * 1_000_000;
  row.beginText();
  putDate(row, Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100);
  row.put(SPACE);
  putClock(row, Math.floor(clock / 10_000), Math.floor(clock / 100) % 100, clock % 100);
  row.endText();
};

/** TIMESTAMP before MySQL 5.6. */
export const oldTimestampReader: CellReader = (row) => {
  const seconds = row.uint(4);
  row.beginText();
  putMoment(row, seconds);
  row.endText();
};

/** TIME before MySQL 5.6: hhmmss as a number. */
export const oldTimeReader: CellReader = (row) => {
  const value = (row.uint(3) << 8) >> 8;
  const size = Math.abs(value);
  row.beginText();
  if (value < 0) row.put(DASH);
  putClock(row, Math.floor(size / 10_000), Math.floor(size / 100) % 100, size % 100);
  row.endText();
};

export function putDate(row: RowMemory, year: number, month: number, day: number): void {
  putPadded(row, year, 4);
  row.put(DASH);
  putPadded(row, month, 2);
  row.put(DASH);
  putPadded(row, day, 2);
}

/** Hours have two digits, or as many as they need. */
export function putClock(row: RowMemory, hours: number, minutes: number, seconds: number): void {
  if (hours < 100) putPadded(row, hours, 2);
  else putUnsigned(row, hours);
  row.put(COLON);
  putPadded(row, minutes, 2);
  row.put(COLON);
  putPadded(row, seconds, 2);
}

/** Days are turned into a date as Howard Hinnant's civil_from_days does; all numbers but the first fit 32 bits. */
function putMoment(row: RowMemory, seconds: number): void {
  if (seconds === 0) {
    row.putAscii('0000-00-00 00:00:00');
    return;
  }
  const days = (seconds / DAY_SECONDS) | 0;
  const clock = seconds - days * DAY_SECONDS;
  const shifted = days + 719_468;
  const era = (shifted / 146_097) | 0;
  const dayOfEra = shifted - era * 146_097;
  const leaps = ((dayOfEra / 1460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0);
  const yearOfEra = ((dayOfEra - leaps) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const day = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1;
  putDate(row, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
  row.put(SPACE);
  putClock(row, (clock / 3600) | 0, ((clock / 60) | 0) % 60, clock % 60);
}

/** Reads and writes the fraction of a DATETIME or TIMESTAMP: big-endian hundredths, ten-thousandths or millionths. */
function putFraction(row: RowMemory, precision: number): void {
  if (precision === 0) return;
  const width = fractionBytes(precision);
  let value = 0;
  for (let byte = 0; byte < width; byte++) value = value * 256 + row.byte();
  putFractionDigits(row, value, precision, width);
}

function putFractionDigits(row: RowMemory, value: number, precision: number, width: number): void {
  row.put(POINT);
  putPadded(row, precision & 1 ? Math.floor(value / 10) : value, width * 2 - (precision & 1));
}
