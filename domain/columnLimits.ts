/**
 * Something that a source's column refuses and the target's does not, in neutral words. Values are canonical text
 * (domain/canonicalText.ts), instants in UTC. NULL is under no limit.
 */
export type ColumnLimit =
  /** Within one of these, ends included; an end that is null is open. What is infinite, or no number, is outside. */
  | { readonly kind: 'ranges'; readonly ranges: readonly (readonly [min: string | null, max: string | null])[] }
  /** A number, neither infinite nor none. */
  | { readonly kind: 'finite' }
  /** A number that is the same in single precision. */
  | { readonly kind: 'single' }
  /** So many decimals at most, zeros at the end not counted. */
  | { readonly kind: 'decimals'; readonly scale: number }
  | { readonly kind: 'length'; readonly unit: 'characters' | 'bytes'; readonly min: number; readonly max: number }
  | { readonly kind: 'noSpaceAtEnd' }
  /** Every character is in one of these ranges, ends included. */
  | { readonly kind: 'characters'; readonly ranges: readonly (readonly [first: number, last: number])[] }
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  /** An address of this version, of a single host. */
  | { readonly kind: 'host'; readonly version: 4 | 6 };

/** What a source's table refuses, by target names. */
export interface TableLimits {
  readonly table: string;
  readonly columns: readonly { readonly column: string; readonly limits: readonly ColumnLimit[] }[];
}
