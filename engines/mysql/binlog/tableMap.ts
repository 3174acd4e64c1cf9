import { readLength } from './lengths';

/** Types of columns in a table map. (MySQL: field_types.h; MariaDB: mysql_com.h) */
export const COLUMN = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newDate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  blobCompressed: 140,
  varcharCompressed: 141,
  vector: 242,
  json: 245,
  decimal: 246,
  enum: 247,
  set: 248,
  blob: 252,
  string: 254,
  geometry: 255,
} as const;

/** A column as it lies in the log. */
export interface LoggedColumn {
  /** One of COLUMN; what is logged as a string but is an ENUM or a SET says so. */
  readonly type: number;
  /** What the type needs to be read: a length, bytes of a length, decimals, or precision and scale (`scale << 8 | precision`). */
  readonly meta: number;
  /** Null when the log does not tell. */
  readonly unsigned: boolean | null;
  /** Null when the log does not tell (binlog_row_metadata = MINIMAL). */
  readonly name: string | null;
}

export interface TableMap {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly LoggedColumn[];
}

const METADATA = { signedness: 1, names: 4 } as const;
/** Table id and flags. */
const POST_HEADER_BYTES = 8;

/** Tells the id by which rows refer to the table, without reading any further. */
export function tableId(bytes: Buffer, at: number): number {
  return bytes.readUIntLE(at, 6);
}

/** Which table a TABLE_MAP event's body is about, and where its columns begin. */
export function readTableName(bytes: Buffer, start: number): Pick<TableMap, 'database' | 'table'> & { behind: number } {
  const database = readName(bytes, start + POST_HEADER_BYTES);
  const table = readName(bytes, database.behind);
  return { database: database.name, table: table.name, behind: table.behind };
}

/** A length, the name, a zero. */
function readName(bytes: Buffer, at: number): { name: string; behind: number } {
  const length = bytes[at] as number;
  return { name: bytes.toString('utf8', at + 1, at + 1 + length), behind: at + length + 2 };
}

/** Reads the body of a TABLE_MAP event. (MySQL: Table_map_event) */
export function readTableMap(bytes: Buffer, start: number, end: number): TableMap {
  const { database, table, behind: at } = readTableName(bytes, start);
  const count = readLength(bytes, at);
  const types = bytes.subarray(count.behind, count.behind + count.length);
  const metaLength = readLength(bytes, count.behind + count.length);
  const stored = readMeta(types, bytes, metaLength.behind);
  const optional = readOptional(bytes, metaLength.behind + metaLength.length + ((count.length + 7) >> 3), end);
  let numeric = 0;
  const columns = stored.map((column, index): LoggedColumn => {
    const unsigned =
      optional.signedness === null || !isNumeric(column.type) ? null : isSet(optional.signedness, numeric);
    if (isNumeric(column.type)) numeric++;
    return { ...column, unsigned, name: optional.names?.[index] ?? null };
  });
  return { database, table, columns };
}

function readMeta(types: Buffer, bytes: Buffer, start: number): Pick<LoggedColumn, 'type' | 'meta'>[] {
  let at = start;
  return Array.from(types, (type) => {
    switch (type) {
      case COLUMN.float:
      case COLUMN.double:
      case COLUMN.blob:
      case COLUMN.blobCompressed:
      case COLUMN.json:
      case COLUMN.geometry:
      case COLUMN.vector:
      case COLUMN.timestamp2:
      case COLUMN.datetime2:
      case COLUMN.time2:
        return { type, meta: bytes[at++] as number };
      case COLUMN.varchar:
      case COLUMN.varcharCompressed:
      case COLUMN.bit:
      case COLUMN.decimal:
        at += 2;
        return { type, meta: bytes.readUInt16LE(at - 2) };
      case COLUMN.enum:
      case COLUMN.set:
      case COLUMN.string:
        at += 2;
        return readStringMeta(bytes[at - 2] as number, bytes[at - 1] as number);
      default:
        return { type, meta: 0 };
    }
  });
}

/** The real type and a length of 10 bits, whose upper two are turned and put into the type where a string has them. */
function readStringMeta(type: number, length: number): Pick<LoggedColumn, 'type' | 'meta'> {
  if (type === COLUMN.enum || type === COLUMN.set) return { type, meta: length };
  return { type: COLUMN.string, meta: (((type & 0x30) ^ 0x30) << 4) | length };
}

interface OptionalMetadata {
  signedness: Buffer | null;
  names: string[] | null;
}

/** Fields behind the null bits, each with its type and length. */
function readOptional(bytes: Buffer, start: number, end: number): OptionalMetadata {
  const found: OptionalMetadata = { signedness: null, names: null };
  let at = start;
  while (at < end) {
    const type = bytes[at] as number;
    const { length, behind } = readLength(bytes, at + 1);
    at = behind + length;
    if (type === METADATA.signedness) found.signedness = bytes.subarray(behind, at);
    if (type === METADATA.names) found.names = readNames(bytes, behind, at);
  }
  return found;
}

function readNames(bytes: Buffer, start: number, end: number): string[] {
  const names: string[] = [];
  let at = start;
  while (at < end) {
    const { length, behind } = readLength(bytes, at);
    at = behind + length;
    names.push(bytes.toString('utf8', behind, at));
  }
  return names;
}

/** What signedness is told of; a year is unsigned. */
const NUMERIC: ReadonlySet<number> = new Set([
  COLUMN.tiny,
  COLUMN.short,
  COLUMN.long,
  COLUMN.int24,
  COLUMN.longlong,
  COLUMN.decimal,
  COLUMN.float,
  COLUMN.double,
  COLUMN.year,
]);

function isNumeric(type: number): boolean {
  return NUMERIC.has(type);
}

/** The first bit is the highest one of the first byte. */
function isSet(bits: Buffer, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
}
