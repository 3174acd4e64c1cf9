import type { Column } from '../../../domain/catalog';
import type { CellReader } from './cells/cellReader';
import { decimalReader } from './cells/decimal';
import { doubleReader, floatReader } from './cells/doubles';
import { enumReader, integerReader, yearReader } from './cells/integers';
import { inet4Reader, inet6Reader, uuidReader } from './cells/addresses';
import { jsonReader } from './cells/jsonb';
import { bytesReader, compressedReader, fixedReader, paddedReader, setReader } from './cells/strings';
import {
  dateReader,
  datetimeReader,
  oldDatetimeReader,
  oldTimeReader,
  oldTimestampReader,
  timeReader,
  timestampReader,
} from './cells/temporal';
import type { SetLabels } from './layout';
import { declaredName } from './misfit';
import { bitBytes, storedSize } from './storage';
import { COLUMN, type LoggedColumn } from './tableMap';

const INTEGER_BYTES: Readonly<Record<number, 1 | 2 | 3 | 4 | 8>> = {
  [COLUMN.tiny]: 1,
  [COLUMN.short]: 2,
  [COLUMN.int24]: 3,
  [COLUMN.long]: 4,
  [COLUMN.longlong]: 8,
};

/** What reads the cells of a column as `selectList` has them; null for a type that is not known. */
export function readerOf(column: Column, logged: LoggedColumn, set: SetLabels | null): CellReader | null {
  const { type, meta } = logged;
  const bytes = INTEGER_BYTES[type];
  if (bytes !== undefined) return integerReader(bytes, column.type.kind === 'integer' && column.type.unsigned);
  switch (type) {
    case COLUMN.decimal:
      return decimalReader(meta & 0xff, meta >> 8);
    case COLUMN.float:
      return floatReader;
    case COLUMN.double:
      return doubleReader;
    case COLUMN.year:
      return yearReader;
    case COLUMN.enum:
      return enumReader(meta);
    case COLUMN.set:
      return set === null ? null : setReader(meta, set.labels, set.comma);
    case COLUMN.bit:
      return fixedReader(bitBytes(meta));
    case COLUMN.json:
      return jsonReader(meta);
    default:
      return temporalReader(type, meta) ?? stringReader(column, logged);
  }
}

function temporalReader(type: number, meta: number): CellReader | null {
  switch (type) {
    case COLUMN.date:
    case COLUMN.newDate:
      return dateReader;
    case COLUMN.datetime2:
      return datetimeReader(meta);
    case COLUMN.timestamp2:
      return timestampReader(meta);
    case COLUMN.time2:
      return timeReader(meta);
    case COLUMN.datetime:
      return oldDatetimeReader;
    case COLUMN.timestamp:
      return oldTimestampReader;
    case COLUMN.time:
      return oldTimeReader;
    default:
      return null;
  }
}

function stringReader(column: Column, logged: LoggedColumn): CellReader | null {
  const size = storedSize(logged);
  if (size === null || 'fixed' in size) return null;
  if (logged.type === COLUMN.blobCompressed || logged.type === COLUMN.varcharCompressed) {
    return compressedReader(size.prefix);
  }
  if (logged.type !== COLUMN.string) return bytesReader(size.prefix);
  switch (declaredName(column)) {
    case 'binary':
      return paddedReader(size.prefix, logged.meta);
    case 'uuid':
      return uuidReader(size.prefix, column.declaredType.includes('old'));
    case 'inet4':
      return inet4Reader(size.prefix);
    case 'inet6':
      return inet6Reader(size.prefix);
    default:
      return bytesReader(size.prefix);
  }
}
