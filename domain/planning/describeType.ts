import type { CanonicalType } from '../canonicalType';

/** A type for a finding, in the SQL standard's words where it has some. */
export function describeType(type: CanonicalType): string {
  switch (type.kind) {
    case 'integer':
      return describeInteger(type);
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'double':
      return 'double precision';
    case 'bits':
      return `bit(${type.length})`;
    case 'text':
      return type.length === null ? 'text' : `varchar(${type.length})`;
    case 'bytes':
      return 'binary';
    case 'timestamp':
      return `timestamp(${type.precision})${type.zoned ? ' with time zone' : ''}`;
    case 'time':
      return `time(${type.precision})`;
    case 'interval':
      return `interval(${type.precision})`;
    case 'boolean':
    case 'real':
    case 'enum':
    case 'set':
    case 'json':
    case 'date':
    case 'year':
    case 'uuid':
    case 'inet':
    case 'unsupported':
      return type.kind;
  }
}

function describeInteger({ bits, unsigned }: Extract<CanonicalType, { kind: 'integer' }>): string {
  const signedBits = unsigned ? bits + 1 : bits;
  if (signedBits <= 16) return 'smallint';
  if (signedBits <= 32) return 'integer';
  return signedBits <= 64 ? 'bigint' : 'numeric(20,0)';
}
