import type { CanonicalType } from '../../domain/canonicalType';
import { readLiterals } from './literals';

/** What information_schema.COLUMNS says of a column's type. */
export interface DeclaredType {
  /** DATA_TYPE, e.g. `int`. */
  readonly dataType: string;
  /** COLUMN_TYPE, e.g. `int(10) unsigned`. */
  readonly columnType: string;
  /** CHARACTER_MAXIMUM_LENGTH: characters of text, bytes of binary strings. */
  readonly length: string | null;
  readonly precision: string | null;
  readonly scale: string | null;
  /** DATETIME_PRECISION. */
  readonly fraction: string | null;
}

const INTEGER_BITS: Readonly<Record<string, 8 | 16 | 24 | 32 | 64>> = {
  tinyint: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  bigint: 64,
};

const SPATIAL = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geomcollection',
  'geometrycollection',
]);

/** The neutral type of a declaration. What is not moved yet is `unsupported`, never something near it. */
export function canonicalType(declared: DeclaredType): CanonicalType {
  const { dataType, columnType } = declared;
  const bits = INTEGER_BITS[dataType];
  if (bits !== undefined) {
    const unsigned = columnType.includes('unsigned');
    return { kind: 'integer', bits, unsigned, ...(/^tinyint\(1\)/.test(columnType) ? { display1: true } : {}) };
  }
  switch (dataType) {
    case 'decimal':
      return { kind: 'decimal', precision: Number(declared.precision), scale: Number(declared.scale) };
    case 'float':
      return { kind: 'real' };
    case 'double':
      return { kind: 'double' };
    case 'bit':
      return { kind: 'bits', length: Number(declared.precision) };
    case 'date':
      return { kind: 'date' };
    case 'datetime':
    case 'timestamp':
      return { kind: 'timestamp', precision: Number(declared.fraction), zoned: dataType === 'timestamp' };
    case 'time':
      return { kind: 'interval', precision: Number(declared.fraction) };
    case 'year':
      return { kind: 'year' };
    case 'json':
      return { kind: 'json' };
    case 'uuid':
      return { kind: 'uuid' };
    case 'inet4':
    case 'inet6':
      return { kind: 'inet', version: dataType === 'inet4' ? 4 : 6 };
    default:
      return stringType(declared);
  }
}

function stringType({ dataType, columnType, length }: DeclaredType): CanonicalType {
  switch (dataType) {
    case 'char':
    case 'varchar':
      return { kind: 'text', length: Number(length) };
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return { kind: 'text', length: null };
    case 'binary':
    case 'varbinary':
      return { kind: 'bytes', length: Number(length), fixed: dataType === 'binary' };
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return { kind: 'bytes', length: null, fixed: false };
    case 'enum':
    case 'set':
      return { kind: dataType, labels: readLiterals(columnType) };
    default:
      return { kind: 'unsupported', reason: unsupportedReason(dataType) };
  }
}

function unsupportedReason(dataType: string): string {
  if (SPATIAL.has(dataType)) return 'spatial types are not moved yet';
  if (dataType === 'vector') return 'vectors are not moved yet';
  return `the type ${dataType} is not known to this release`;
}
