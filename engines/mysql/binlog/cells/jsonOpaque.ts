import { decimalWriter } from './decimal';
import { putPadded } from './digits';
import type { RowMemory } from './rowMemory';
import { putClock, putDate } from './temporal';

/** Types of columns whose values JSON may hold as they are. (MySQL: field_types.h) */
const TIMESTAMP = 7;
const DATE = 10;
const TIME = 11;
const DATETIME = 12;
const DECIMAL = 246;
/** The server breaks base64 into lines of so many characters. */
const LINE = 76;
const QUOTE = 0x22;

/** A value of an SQL type within a JSON document: a number for a decimal, else a string. */
export function putOpaque(row: RowMemory, type: number, at: number, length: number): void {
  switch (type) {
    case DECIMAL:
      putDecimal(row, at);
      return;
    case DATE:
    case TIME:
    case DATETIME:
    case TIMESTAMP:
      row.put(QUOTE);
      if (type === TIME) putTime(row, at);
      else putDatetime(row, at, type === DATE);
      row.put(QUOTE);
      return;
    default:
      putBase64(row, type, at, length);
  }
}

/** Precision and scale, then the value as in a column. */
function putDecimal(row: RowMemory, at: number): void {
  const behind = row.at;
  row.at = at + 2;
  decimalWriter(row.bytes[at] as number, row.bytes[at + 1] as number)(row);
  row.at = behind;
}

/** Packed as in memory: a whole part over 24 bits of microseconds. (MySQL: my_time.cc, TIME_to_longlong_packed) */
function packed(row: RowMemory, at: number): bigint {
  return row.view.getBigInt64(at, true);
}

function putTime(row: RowMemory, at: number): void {
  const value = packed(row, at);
  const size = value < 0n ? -value : value;
  const whole = Number(size >> 24n);
  if (value < 0n) row.putAscii('-');
  putClock(row, (whole >> 12) & 1023, (whole >> 6) & 63, whole & 63);
  putMicroseconds(row, size);
}

function putDatetime(row: RowMemory, at: number, isDate: boolean): void {
  const value = packed(row, at);
  const size = value < 0n ? -value : value;
  const date = Number(size >> 41n);
  const clock = Number((size >> 24n) & 0x1_ffffn);
  const months = date >> 5;
  putDate(row, Math.floor(months / 13), months % 13, date & 31);
  if (isDate) return;
  row.putAscii(' ');
  putClock(row, clock >> 12, (clock >> 6) & 63, clock & 63);
  putMicroseconds(row, size);
}

function putMicroseconds(row: RowMemory, size: bigint): void {
  row.putAscii('.');
  putPadded(row, Number(size & 0xff_ffffn), 6);
}

function putBase64(row: RowMemory, type: number, at: number, length: number): void {
  const text = row.bytes.toString('base64', at, at + length);
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  const quoted = `"base64:type${type}:${lines.join('\\n')}"`;
  row.ensure(quoted.length);
  row.putAscii(quoted);
}
