import type { CanonicalType } from '../../../../domain/canonicalType';
import { MigrationError } from '../../../../domain/errors';
import type { PlannedColumn } from '../../../../domain/plan';
import type { CellFormat } from '../../../engine';
import type { Flavour } from '../../flavour';
import type { Statement } from '../statement';
import { json } from './json';
import { enumFromPlace, enumFromText, setFromText } from './labels';
import { bits, decimal, double, fitsFloat, integer, year } from './numbers';
import { binary, binaryUuid, char, fixedBinary, text } from './texts';
import { date, time, timestamp, zeroDate, type TimeWriters } from './times';
import { refused, type WriteValue } from './writeValue';

export type { WriteValue };

/** How the values of one column are written. */
export interface ColumnWriter {
  readonly value: WriteValue;
  /** As a value to compare the column with. */
  readonly key: WriteValue;
  /** Errors: RejectedValue where the column takes none. */
  readonly nothing: (out: Statement) => void;
}

/** What of the server matters to how values are written. */
export interface Dialect {
  readonly flavour: Flavour;
  /** Whether doubles in a text that it takes for JSON are read exactly. */
  readonly readsJsonDoubles: boolean;
}

/** Compiles what writes a column's cells. Errors: MAPPING_INVALID where cells of the format are no values of its type. */
export function columnWriter(
  format: CellFormat,
  column: PlannedColumn,
  native: string,
  dialect: Dialect,
): ColumnWriter {
  const written = writersOf(format, column, native, dialect);
  if (written === null) {
    throw new MigrationError(
      'MAPPING_INVALID',
      `${column.targetName}: ${format.kind} (${column.source.declaredType}) cannot be written back into ${native}`,
    );
  }
  const both = typeof written === 'function' ? { value: written, key: written } : written;
  return { ...both, nothing: nothingOf(column) };
}

function nothingOf({ type, nullable, policies }: PlannedColumn): ColumnWriter['nothing'] {
  if (nullable) return (out) => out.text('NULL');
  const isTime = type.kind === 'date' || type.kind === 'timestamp';
  if (isTime && policies.zeroDates === 'null') return zeroDate(type.kind === 'date');
  // A number would be made up for it in some columns, or the present time.
  return () => {
    throw refused('NULL', 'is none of the source, whose column is NOT NULL');
  };
}

function writersOf(
  format: CellFormat,
  { type }: PlannedColumn,
  native: string,
  dialect: Dialect,
): WriteValue | TimeWriters | null {
  const isNumber = format.kind === 'integer' || format.kind === 'decimal';
  switch (type.kind) {
    case 'integer':
      return isNumber ? integer : null;
    case 'decimal':
      return isNumber ? decimal(type.scale) : null;
    case 'real':
    case 'double':
      return format.kind === 'double' ? double(fitsFloat(type.kind === 'real', native)) : null;
    case 'bits':
      return format.kind === 'bits' ? bits : isNumber ? integer : null;
    case 'year':
      return isNumber ? year : null;
    case 'date':
      return format.kind === 'date' ? date : null;
    case 'timestamp':
      return format.kind === 'timestamp' ? timestamp(type.precision) : null;
    case 'interval':
      return format.kind === 'time' ? time(type.precision) : null;
    default:
      return stringWriter(format, type, native, dialect);
  }
}

function stringWriter(format: CellFormat, type: CanonicalType, native: string, dialect: Dialect): WriteValue | null {
  const isText = format.kind === 'text';
  switch (type.kind) {
    case 'text':
      if (!isText && format.kind !== 'json' && format.kind !== 'uuid') return null;
      return /^char\b/.test(native) ? char : text;
    case 'bytes':
      if (format.kind === 'uuid') return binaryUuid;
      if (format.kind !== 'bytes') return null;
      return type.fixed && type.length !== null ? fixedBinary(type.length) : binary;
    case 'enum':
      if (format.kind === 'enum') return enumFromPlace(format.labels, type.labels);
      return isText ? enumFromText(type.labels) : null;
    case 'set':
      return isText ? setFromText(type.labels) : null;
    case 'json':
      if (format.kind !== 'json' && !isText) return null;
      return dialect.flavour === 'mysql' ? json(dialect.readsJsonDoubles) : text;
    case 'uuid':
    case 'inet':
      return format.kind === type.kind || isText ? text : null;
    default:
      return null;
  }
}
