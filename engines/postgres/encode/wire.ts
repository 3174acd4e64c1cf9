import type { CanonicalType } from '../../../domain/canonicalType';

/** The binary forms that columns take in COPY; types that look alike on the wire share one. */
export type Wire =
  | 'bool'
  | 'int2'
  | 'int4'
  | 'int8'
  | 'numeric'
  | 'float4'
  | 'float8'
  | 'bit'
  | 'text'
  | 'textArray'
  | 'bytea'
  | 'json'
  | 'jsonb'
  | 'date'
  | 'timestamp'
  | 'time'
  | 'interval'
  | 'uuid'
  | 'inet';

const BY_NATIVE_TYPE: Readonly<Record<string, Wire>> = {
  boolean: 'bool',
  bool: 'bool',
  smallint: 'int2',
  int2: 'int2',
  integer: 'int4',
  int: 'int4',
  int4: 'int4',
  bigint: 'int8',
  int8: 'int8',
  numeric: 'numeric',
  decimal: 'numeric',
  real: 'float4',
  float4: 'float4',
  'double precision': 'float8',
  float8: 'float8',
  bit: 'bit',
  'bit varying': 'bit',
  varbit: 'bit',
  text: 'text',
  'character varying': 'text',
  varchar: 'text',
  character: 'text',
  char: 'text',
  bpchar: 'text',
  citext: 'text',
  'text[]': 'textArray',
  bytea: 'bytea',
  json: 'json',
  jsonb: 'jsonb',
  date: 'date',
  timestamp: 'timestamp',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamp',
  timestamptz: 'timestamp',
  time: 'time',
  'time without time zone': 'time',
  interval: 'interval',
  uuid: 'uuid',
  inet: 'inet',
};

/** The form of a column, from its native type as the target's DDL spells it; null when it has none here. */
export function wireOf(nativeType: string, type: CanonicalType): Wire | null {
  const name = nativeType
    .toLowerCase()
    .replace(/\([^)]*\)/, '')
    .replace(/^pg_catalog\./, '')
    .replace(/\s+/g, ' ')
    .trim();
  return BY_NATIVE_TYPE[name] ?? (type.kind === 'enum' ? 'text' : null);
}

/** The form of the native type that a canonical type has unless a mapping asks for another. */
export function naturalWire(type: CanonicalType): Wire | null {
  switch (type.kind) {
    case 'boolean':
      return 'bool';
    case 'integer':
      return integerWire(type.bits, type.unsigned);
    case 'year':
      return 'int2';
    case 'decimal':
      return 'numeric';
    case 'real':
      return 'float4';
    case 'double':
      return 'float8';
    case 'bits':
      return 'bit';
    case 'enum':
    case 'text':
      return 'text';
    case 'set':
      return 'textArray';
    case 'bytes':
      return 'bytea';
    case 'json':
      return 'jsonb';
    case 'date':
    case 'timestamp':
    case 'time':
    case 'interval':
    case 'uuid':
    case 'inet':
      return type.kind;
    case 'unsupported':
      return null;
  }
}

function integerWire(bits: number, unsigned: boolean): Wire {
  const needed = unsigned ? bits + 1 : bits;
  if (needed <= 16) return 'int2';
  if (needed <= 32) return 'int4';
  return needed <= 64 ? 'int8' : 'numeric';
}
