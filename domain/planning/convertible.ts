import { integerRange, type CanonicalKind, type CanonicalType } from '../canonicalType';
import type { ColumnFacts } from '../catalog';

/**
 * The kinds of type a mapping may ask for in place of a source's: each takes every value over exactly, or refuses it
 * by itself (a number out of range, text that is no JSON). Nothing that rounds is here.
 */
const CONVERTIBLE: Readonly<Record<CanonicalKind, readonly CanonicalKind[]>> = {
  boolean: ['boolean'],
  integer: ['integer', 'decimal', 'boolean'],
  decimal: ['decimal', 'integer'],
  real: ['real', 'double'],
  double: ['double'],
  bits: ['bits', 'boolean'],
  text: ['text', 'json', 'uuid'],
  bytes: ['bytes', 'uuid'],
  enum: ['text'],
  set: ['text'],
  json: ['json', 'text'],
  date: ['date'],
  timestamp: ['timestamp'],
  time: ['time', 'interval'],
  interval: ['interval', 'time'],
  year: ['year', 'integer'],
  uuid: ['uuid', 'text'],
  inet: ['inet', 'text'],
  unsupported: [],
};

/** Why values of one type cannot become another, as far as types and facts prove it; null when nothing does. */
export function whyNotConvertible(from: CanonicalType, to: CanonicalType, facts: ColumnFacts): string | null {
  if (!CONVERTIBLE[from.kind].includes(to.kind)) return `values of this kind can only become: ${targetsOf(from)}`;
  if (from.kind === 'bits') {
    const length = to.kind === 'bits' ? to.length : 1;
    return length === from.length ? null : `the column holds ${from.length} bits`;
  }
  if (from.kind === 'bytes' && to.kind === 'uuid' && !(from.fixed && from.length === 16)) {
    return 'only binary(16) holds a uuid';
  }
  const outside = [facts.min, facts.max].find((value) => typeof value === 'string' && !fits(BigInt(value), to));
  return outside === undefined ? null : `the column holds ${String(outside)}`;
}

function targetsOf({ kind }: CanonicalType): string {
  return CONVERTIBLE[kind].join(', ') || 'nothing';
}

function fits(value: bigint, type: CanonicalType): boolean {
  switch (type.kind) {
    case 'boolean':
      return value === 0n || value === 1n;
    case 'integer': {
      const { min, max } = integerRange(type);
      return min <= value && value <= max;
    }
    case 'decimal': {
      const bound = 10n ** BigInt(type.precision - type.scale);
      return -bound < value && value < bound;
    }
    default:
      return true;
  }
}
