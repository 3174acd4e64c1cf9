import { decimalBytes } from './cells/decimal';
import { fractionBytes } from './cells/temporal';
import { COLUMN, type LoggedColumn } from './tableMap';

/** How many bytes a cell takes: always the same, or as its first bytes say. Null for a type that is not known. */
export function storedSize({ type, meta }: LoggedColumn): { fixed: number } | { prefix: number } | null {
  switch (type) {
    case COLUMN.tiny:
    case COLUMN.year:
      return { fixed: 1 };
    case COLUMN.short:
      return { fixed: 2 };
    case COLUMN.int24:
    case COLUMN.date:
    case COLUMN.newDate:
    case COLUMN.time:
      return { fixed: 3 };
    case COLUMN.long:
    case COLUMN.float:
    case COLUMN.timestamp:
      return { fixed: 4 };
    case COLUMN.double:
    case COLUMN.longlong:
    case COLUMN.datetime:
      return { fixed: 8 };
    case COLUMN.timestamp2:
      return { fixed: 4 + fractionBytes(meta) };
    case COLUMN.datetime2:
      return { fixed: 5 + fractionBytes(meta) };
    case COLUMN.time2:
      return { fixed: 3 + fractionBytes(meta) };
    case COLUMN.decimal:
      return { fixed: decimalBytes(meta & 0xff, meta >> 8) };
    case COLUMN.bit:
      return { fixed: bitBytes(meta) };
    case COLUMN.enum:
    case COLUMN.set:
      return { fixed: meta };
    case COLUMN.varchar:
    case COLUMN.varcharCompressed:
    case COLUMN.string:
      return { prefix: meta > 255 ? 2 : 1 };
    case COLUMN.blob:
    case COLUMN.blobCompressed:
    case COLUMN.json:
    case COLUMN.geometry:
    case COLUMN.vector:
      return { prefix: meta };
    default:
      return null;
  }
}

/** BIT tells whole bytes and what is left of bits apart. */
export function bitBytes(meta: number): number {
  return (meta >> 8) + ((meta & 0xff) > 0 ? 1 : 0);
}

export function bitLength(meta: number): number {
  return (meta >> 8) * 8 + (meta & 0xff);
}
