import type { CellReader } from './cellReader';
import { putHalves, putSigned } from './digits';
import { putJsonDouble } from './doubles';
import { putJsonString } from './jsonString';
import { putOpaque } from './jsonOpaque';
import type { RowMemory } from './rowMemory';

/** Types of values in MySQL's binary JSON. (MySQL: sql-common/json_binary.h) */
const TYPE = {
  smallObject: 0,
  largeObject: 1,
  smallArray: 2,
  largeArray: 3,
  literal: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  double: 11,
  string: 12,
  opaque: 15,
} as const;
const LITERALS = ['null', 'true', 'false'];

/** MySQL's JSON, as the very text that a SELECT prints: the order of keys is the stored one. */
export function jsonReader(prefix: number): CellReader {
  return (row) => {
    const length = row.uint(prefix);
    const start = row.at;
    row.at += length;
    row.ensure(length);
    row.beginText();
    // A NOT NULL column that a lenient session filled with its implicit default holds nothing, which means null.
    if (length === 0) row.putAscii('null');
    else putValue(row, row.bytes[start] as number, start + 1);
    row.endText();
  };
}

function putValue(row: RowMemory, type: number, at: number): void {
  switch (type) {
    case TYPE.smallObject:
    case TYPE.largeObject:
    case TYPE.smallArray:
    case TYPE.largeArray:
      putContainer(row, type, at);
      return;
    case TYPE.literal:
      row.putAscii(LITERALS[row.bytes[at] as number] ?? unknown(type));
      return;
    case TYPE.int16:
      putSigned(row, row.view.getInt16(at, true));
      return;
    case TYPE.uint16:
      putSigned(row, row.view.getUint16(at, true));
      return;
    case TYPE.int32:
      putSigned(row, row.view.getInt32(at, true));
      return;
    case TYPE.uint32:
      putSigned(row, row.view.getUint32(at, true));
      return;
    case TYPE.int64:
      putHalves(row, row.view.getInt32(at + 4, true), row.view.getUint32(at, true));
      return;
    case TYPE.uint64:
      putHalves(row, row.view.getUint32(at + 4, true), row.view.getUint32(at, true));
      return;
    case TYPE.double:
      putJsonDouble(row, row.view.getFloat64(at, true));
      return;
    case TYPE.string: {
      const { length, behind } = variableLength(row, at);
      putJsonString(row, behind, behind + length);
      return;
    }
    case TYPE.opaque: {
      const { length, behind } = variableLength(row, at + 1);
      putOpaque(row, row.bytes[at] as number, behind, length);
      return;
    }
    default:
      unknown(type);
  }
}

/**
 * An object or array: how many members, the size of it all, then for each key its place and length, for each member
 * its type and its place, or the value itself where that fits.
 */
function putContainer(row: RowMemory, type: number, base: number): void {
  const isLarge = type === TYPE.largeObject || type === TYPE.largeArray;
  const isObject = type === TYPE.smallObject || type === TYPE.largeObject;
  const width = isLarge ? 4 : 2;
  const count = readOffset(row, base, width);
  const keys = base + 2 * width;
  const members = isObject ? keys + count * (width + 2) : keys;
  row.ensure(2);
  row.put(isObject ? 0x7b : 0x5b);
  for (let index = 0; index < count; index++) {
    row.ensure(4);
    if (index > 0) {
      row.put(0x2c);
      row.put(0x20);
    }
    if (isObject) {
      const entry = keys + index * (width + 2);
      const key = base + readOffset(row, entry, width);
      putJsonString(row, key, key + row.view.getUint16(entry + width, true));
      row.put(0x3a);
      row.put(0x20);
    }
    const entry = members + index * (width + 1);
    const memberType = row.bytes[entry] as number;
    putValue(row, memberType, isInline(memberType, isLarge) ? entry + 1 : base + readOffset(row, entry + 1, width));
    row.ensure(2);
  }
  row.put(isObject ? 0x7d : 0x5d);
}

function isInline(type: number, isLarge: boolean): boolean {
  if (type === TYPE.literal || type === TYPE.int16 || type === TYPE.uint16) return true;
  return isLarge && (type === TYPE.int32 || type === TYPE.uint32);
}

function readOffset(row: RowMemory, at: number, width: number): number {
  return width === 2 ? row.view.getUint16(at, true) : row.view.getUint32(at, true);
}

/** Seven bits a byte, the lowest first; the eighth says that there is more. */
function variableLength(row: RowMemory, at: number): { length: number; behind: number } {
  let length = 0;
  for (let index = 0; ; index++) {
    const byte = row.bytes[at + index] as number;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { length, behind: at + index + 1 };
  }
}

function unknown(type: number): never {
  throw new TypeError(`a JSON value of the unknown type ${type}`);
}
