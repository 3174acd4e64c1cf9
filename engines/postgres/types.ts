import type { CanonicalType } from '../../domain/canonicalType';
import { assert } from '../../domain/errors';
import type { PlannedColumn } from '../../domain/plan';
import { quoteQualified } from './quote';

/** The longest varchar (manual, "Character Types"). */
const MAX_VARCHAR = 10_485_760;
const MAX_FRACTION = 6;
/** The most digits that can be declared (manual, "Numeric Types"). */
const MAX_DIGITS = 1000;

/** The type of PostgreSQL that holds every value of a planned column. */
export function nativeType(column: PlannedColumn, schema: string): string {
  const { type } = column;
  switch (type.kind) {
    case 'boolean':
    case 'real':
    case 'date':
    case 'uuid':
    case 'inet':
      return type.kind;
    case 'unsupported':
      // Never run: the column is a blocking finding, beside which the rest of the plan is still shown.
      return type.kind;
    case 'integer':
      return nativeInteger(type);
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'double':
      return 'double precision';
    case 'bits':
      return `bit(${type.length})`;
    case 'text':
      return type.length === null || type.length > MAX_VARCHAR ? 'text' : `varchar(${type.length})`;
    case 'bytes':
      return 'bytea';
    case 'enum':
      assert(column.typeName !== undefined, `the enum column ${column.targetName} has a type of its own`);
      return quoteQualified(schema, column.typeName);
    case 'set':
      return 'text[]';
    case 'json':
      return column.mappedType?.trim().toLowerCase() === 'json' ? 'json' : 'jsonb';
    case 'timestamp':
      return `${type.zoned ? 'timestamptz' : 'timestamp'}(${type.precision})`;
    case 'time':
    case 'interval':
      return `${type.kind}(${type.precision})`;
    case 'year':
      return 'smallint';
  }
}

function nativeInteger({ bits, unsigned }: Extract<CanonicalType, { kind: 'integer' }>): string {
  const signedBits = unsigned ? bits + 1 : bits;
  if (signedBits <= 16) return 'smallint';
  if (signedBits <= 32) return 'integer';
  return signedBits <= 64 ? 'bigint' : 'numeric(20,0)';
}

const integer = (bits: 16 | 32 | 64): CanonicalType => ({ kind: 'integer', bits, unsigned: false });

/** Types without a parameter, by each of their names. */
const PLAIN: Readonly<Record<string, CanonicalType>> = {
  boolean: { kind: 'boolean' },
  bool: { kind: 'boolean' },
  smallint: integer(16),
  int2: integer(16),
  integer: integer(32),
  int: integer(32),
  int4: integer(32),
  bigint: integer(64),
  int8: integer(64),
  real: { kind: 'real' },
  float4: { kind: 'real' },
  'double precision': { kind: 'double' },
  float: { kind: 'double' },
  float8: { kind: 'double' },
  text: { kind: 'text', length: null },
  varchar: { kind: 'text', length: null },
  'character varying': { kind: 'text', length: null },
  bytea: { kind: 'bytes', length: null, fixed: false },
  date: { kind: 'date' },
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
  uuid: { kind: 'uuid' },
  inet: { kind: 'inet', version: 6 },
  bit: { kind: 'bits', length: 1 },
};

/**
 * Reads a type as PostgreSQL spells it, aliases included; null when it is unknown, or cannot be written. char(n) is
 * among the latter, because it pads what it stores, and numeric without a precision, because the scale would be lost.
 */
export function parseType(spelling: string): CanonicalType | null {
  const words = spelling
    .trim()
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .replace(/ ?([(),]) ?/gu, '$1');
  if (Object.hasOwn(PLAIN, words)) return PLAIN[words] ?? null;
  const match =
    /^([a-z0-9 ]+?)(?:\((\d{1,9})(?:,(\d{1,4}))?\)(?: ?(with(?:out)? time zone))?| (with(?:out)? time zone))?$/u.exec(
      words,
    );
  if (match === null) return null;
  const [, name = '', first, second, zoneBehind, zoneAlone] = match;
  return parseWithParameters(name, numbersOf(first, second), zoneBehind ?? zoneAlone ?? null);
}

function numbersOf(...texts: readonly (string | undefined)[]): number[] {
  return texts.flatMap((text) => (text === undefined ? [] : Number(text)));
}

function parseWithParameters(name: string, numbers: readonly number[], zone: string | null): CanonicalType | null {
  const [first, second] = numbers;
  if (zone !== null && !['timestamp', 'time'].includes(name)) return null;
  if (second !== undefined && !['numeric', 'decimal', 'dec'].includes(name)) return null;
  switch (name) {
    case 'numeric':
    case 'decimal':
    case 'dec':
      return parseNumeric(first, second ?? 0);
    case 'varchar':
    case 'character varying':
      return first !== undefined && first >= 1 && first <= MAX_VARCHAR ? { kind: 'text', length: first } : null;
    case 'bit':
      return first !== undefined && first >= 1 ? { kind: 'bits', length: first } : null;
    case 'float':
      return parseFloatDigits(first);
    case 'timestamp':
    case 'timestamptz': {
      const zoned = name === 'timestamptz' || zone === 'with time zone';
      return withFraction(first, (precision) => ({ kind: 'timestamp', precision, zoned }));
    }
    case 'time':
      // A time of day with a zone has no counterpart.
      return zone === 'with time zone' ? null : withFraction(first, (precision) => ({ kind: 'time', precision }));
    case 'interval':
      return withFraction(first, (precision) => ({ kind: 'interval', precision }));
    default:
      return null;
  }
}

function parseNumeric(precision: number | undefined, scale: number): CanonicalType | null {
  if (precision === undefined || precision < 1 || precision > MAX_DIGITS || scale > precision) return null;
  return { kind: 'decimal', precision, scale };
}

/** float(p) counts binary digits: up to 24 are a real, up to 53 a double. */
function parseFloatDigits(digits: number | undefined): CanonicalType | null {
  if (digits === undefined || digits < 1 || digits > 53) return null;
  return digits <= 24 ? { kind: 'real' } : { kind: 'double' };
}

function withFraction(given: number | undefined, make: (precision: number) => CanonicalType): CanonicalType | null {
  const precision = given ?? MAX_FRACTION;
  return precision <= MAX_FRACTION ? make(precision) : null;
}
