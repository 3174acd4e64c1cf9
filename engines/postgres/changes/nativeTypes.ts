import type { CanonicalType } from '../../../domain/canonicalType';
import { quoteQualified } from '../quote';
import { parseType } from '../types';
import type { RelationColumn, TypeMessage } from './messages';

/** What a type's modifier says, in the words of the type's name. */
type Spell = (modifier: number) => string;

const plain =
  (name: string): Spell =>
  () =>
    name;
const limited =
  (name: string, header: number): Spell =>
  (modifier) =>
    modifier < 0 ? name : `${name}(${modifier - header})`;

/** The modifier of an interval without a precision. */
const FULL_PRECISION = 0xffff;
const TEXT_HEADER = 4;

/** Built-in types by the numbers that they have in every PostgreSQL (pg_type.dat), as parseType reads them. */
const SPELLINGS: Readonly<Record<number, Spell>> = {
  16: plain('boolean'),
  17: plain('bytea'),
  20: plain('bigint'),
  21: plain('smallint'),
  23: plain('integer'),
  25: plain('text'),
  114: plain('json'),
  700: plain('real'),
  701: plain('double precision'),
  869: plain('inet'),
  1009: plain('text[]'),
  1042: limited('character', TEXT_HEADER),
  1043: limited('varchar', TEXT_HEADER),
  1082: plain('date'),
  1083: limited('time', 0),
  1114: limited('timestamp', 0),
  1184: limited('timestamptz', 0),
  1186: (modifier) => limited('interval', 0)(modifier < 0 ? modifier : precisionOf(modifier)),
  1266: limited('timetz', 0),
  1560: limited('bit', 0),
  1562: limited('varbit', 0),
  1700: spellNumeric,
  2950: plain('uuid'),
  3802: plain('jsonb'),
};

function precisionOf(intervalModifier: number): number {
  const precision = intervalModifier & 0xffff;
  return precision === FULL_PRECISION ? -1 : precision;
}

/** Digits in the upper half, and how many are decimals in the lower eleven bits, signed. (numeric.c) */
function spellNumeric(modifier: number): string {
  if (modifier < 0) return 'numeric';
  const packed = modifier - TEXT_HEADER;
  const scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
  return `numeric(${packed >>> 16},${scale})`;
}

/** A column's type as the log has it; `types` are those that are not built in. */
export function spellType(
  { type, modifier }: Pick<RelationColumn, 'type' | 'modifier'>,
  types: ReadonlyMap<number, TypeMessage>,
): string {
  const own = types.get(type);
  if (own !== undefined) return quoteQualified(own.schema, own.name);
  return SPELLINGS[type]?.(modifier) ?? `the type number ${type}`;
}

/** Whether two spellings mean one type; `timestamp` and `timestamp(6)` do, and so do `json` and `jsonb` to a reader. */
export function sameType(one: string, other: string): boolean {
  return reduce(one) === reduce(other);
}

function reduce(spelling: string): string {
  const parsed = parseType(spelling);
  return parsed === null ? spelling.replaceAll('"', '') : JSON.stringify(parsed);
}

/** Which native types a canonical one is read out of; a plan that says otherwise was made for another table. */
const NATIVE: Readonly<Record<CanonicalType['kind'], RegExp>> = {
  boolean: /^boolean$/,
  integer: /^(?:smallint|integer|bigint|numeric\b)/,
  decimal: /^numeric\b/,
  real: /^real$/,
  double: /^double precision$/,
  bits: /^bit\b/,
  text: /^(?:text|varchar\b.*)$/,
  bytes: /^bytea$/,
  enum: /^"/,
  set: /^text\[\]$/,
  json: /^jsonb?$/,
  date: /^date$/,
  timestamp: /^timestamp/,
  time: /^time\b/,
  interval: /^interval/,
  year: /^(?:smallint|integer)$/,
  uuid: /^uuid$/,
  inet: /^inet$/,
  unsupported: /(?!)/,
};

/** Whether cells of a column with this native type can be read as one of a canonical type. */
export function isReadable(type: CanonicalType, native: string): boolean {
  const isZoned = native.startsWith('timestamptz');
  return NATIVE[type.kind].test(native) && (type.kind !== 'timestamp' || type.zoned === isZoned);
}
