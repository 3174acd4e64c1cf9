import type { Column } from '../../../domain/catalog';
import { bitLength } from './storage';
import { COLUMN, type LoggedColumn } from './tableMap';

/** The types that a declared type may be logged as. */
const LOGGED_AS: Readonly<Record<string, readonly number[]>> = {
  tinyint: [COLUMN.tiny],
  smallint: [COLUMN.short],
  mediumint: [COLUMN.int24],
  int: [COLUMN.long],
  bigint: [COLUMN.longlong],
  decimal: [COLUMN.decimal],
  float: [COLUMN.float],
  double: [COLUMN.double],
  bit: [COLUMN.bit],
  date: [COLUMN.date, COLUMN.newDate],
  datetime: [COLUMN.datetime2, COLUMN.datetime],
  timestamp: [COLUMN.timestamp2, COLUMN.timestamp],
  time: [COLUMN.time2, COLUMN.time],
  year: [COLUMN.year],
  char: [COLUMN.string],
  binary: [COLUMN.string],
  varchar: [COLUMN.varchar, COLUMN.varcharCompressed],
  varbinary: [COLUMN.varchar, COLUMN.varcharCompressed],
  tinytext: [COLUMN.blob, COLUMN.blobCompressed],
  text: [COLUMN.blob, COLUMN.blobCompressed],
  mediumtext: [COLUMN.blob, COLUMN.blobCompressed],
  longtext: [COLUMN.blob, COLUMN.blobCompressed],
  tinyblob: [COLUMN.blob, COLUMN.blobCompressed],
  blob: [COLUMN.blob, COLUMN.blobCompressed],
  mediumblob: [COLUMN.blob, COLUMN.blobCompressed],
  longblob: [COLUMN.blob, COLUMN.blobCompressed],
  enum: [COLUMN.enum],
  set: [COLUMN.set],
  json: [COLUMN.json, COLUMN.blob],
  uuid: [COLUMN.string],
  inet4: [COLUMN.string],
  inet6: [COLUMN.string],
};

/** The first word of a declared type, such as `int` of `int(10) unsigned`. */
export function declaredName({ declaredType }: Column): string {
  return /^[a-z0-9]+/.exec(declaredType)?.[0] ?? '';
}

/** How the log's column is another one than the plan's; null when they agree. */
export function misfit(column: Column, logged: LoggedColumn): string | null {
  if (logged.name !== null && logged.name !== column.name) return `is called "${logged.name}" in the log`;
  if (LOGGED_AS[declaredName(column)]?.includes(logged.type) !== true) return `has the type ${logged.type} in the log`;
  return detailMisfit(column, logged);
}

function detailMisfit({ type }: Column, { type: loggedType, meta, unsigned }: LoggedColumn): string | null {
  switch (type.kind) {
    case 'integer':
      return unsigned !== null && unsigned !== type.unsigned ? `is ${unsigned ? '' : 'not '}unsigned in the log` : null;
    case 'decimal':
      return meta === ((type.scale << 8) | type.precision)
        ? null
        : `has ${meta & 0xff} digits, ${meta >> 8} of them decimals, in the log`;
    case 'bits':
      return bitLength(meta) === type.length ? null : `has ${bitLength(meta)} bits in the log`;
    case 'enum':
      return meta === (type.labels.length > 255 ? 2 : 1) ? null : 'has another number of labels in the log';
    case 'set':
      return meta === setBytes(type.labels.length) ? null : 'has another number of labels in the log';
    case 'timestamp':
    case 'interval': {
      const isOld = [COLUMN.timestamp, COLUMN.datetime, COLUMN.time].some((old) => old === loggedType);
      if (isOld) return type.precision === 0 ? null : 'is logged in a format that leaves out how it is to be read';
      return meta === type.precision ? null : `has ${meta} fractional digits in the log`;
    }
    case 'bytes':
      return type.fixed && meta !== type.length ? `has ${meta} bytes in the log` : null;
    default:
      return null;
  }
}

function setBytes(labels: number): number {
  const bytes = (labels + 7) >> 3;
  return bytes > 4 ? 8 : bytes;
}
