/**
 * The neutral type system between the engines. A source describes each column with one of these, a target says which
 * of its own types holds it, and neither knows the other. The names follow the SQL standard where it has one.
 */
export type CanonicalType =
  | { readonly kind: 'boolean' }
  /** `display1` marks MySQL's tinyint(1), which is a boolean by habit and a small integer by definition. */
  | {
      readonly kind: 'integer';
      readonly bits: 8 | 16 | 24 | 32 | 64;
      readonly unsigned: boolean;
      readonly display1?: boolean;
    }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'real' }
  | { readonly kind: 'double' }
  | { readonly kind: 'bits'; readonly length: number }
  /** `length` is in characters; null is unbounded. */
  | { readonly kind: 'text'; readonly length: number | null }
  /** `length` is in bytes; `fixed` values are padded by the source to that length. */
  | { readonly kind: 'bytes'; readonly length: number | null; readonly fixed: boolean }
  /** `unread` are the numbers, from 1, of labels whose characters the source could not show for certain. */
  | { readonly kind: 'enum'; readonly labels: readonly string[]; readonly unread?: readonly number[] }
  | { readonly kind: 'set'; readonly labels: readonly string[] }
  | { readonly kind: 'json' }
  | { readonly kind: 'date' }
  /** `precision` is the number of fractional digits; `zoned` values are instants, stored and read in UTC. */
  | { readonly kind: 'timestamp'; readonly precision: number; readonly zoned: boolean }
  /** A time of day, proven within 00:00:00 and 24:00:00. */
  | { readonly kind: 'time'; readonly precision: number }
  /** A signed span of hours, minutes and seconds (MySQL's TIME reaches 838:59:59 either way). */
  | { readonly kind: 'interval'; readonly precision: number }
  | { readonly kind: 'year' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'inet'; readonly version: 4 | 6 }
  /** A type no engine here moves yet: the column is a blocking finding that carries the definition. */
  | { readonly kind: 'unsupported'; readonly reason: string };

export type CanonicalKind = CanonicalType['kind'];

/** The inclusive range of an integer type, as exact integers. */
export function integerRange(type: Extract<CanonicalType, { kind: 'integer' }>): { min: bigint; max: bigint } {
  const bits = BigInt(type.bits);
  return type.unsigned
    ? { min: 0n, max: (1n << bits) - 1n }
    : { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n };
}
