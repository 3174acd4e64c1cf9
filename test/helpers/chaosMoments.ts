import { randomInt } from 'node:crypto';

/** When a worker is to be killed, and which. */
export interface Moment {
  /** So many rows have been copied. */
  readonly atRow: number;
  /** The place, from 0 to below 1, of the worker among those that are amid the copy then. */
  readonly place: number;
}

export interface Chaos {
  readonly kills: number;
  readonly seed: number;
}

/** `CHAOS_KILLS` and `CHAOS_SEED` say how often, and repeat the moments of an earlier run. */
export function chaosAskedFor(): Chaos {
  return {
    kills: Number(process.env['CHAOS_KILLS'] ?? 3),
    seed: Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 32)),
  };
}

/** Moments anywhere in a copy of so many rows, in their order. */
export function momentsOf({ kills, seed }: Chaos, rows: number): Moment[] {
  const next = mulberry32(seed);
  return Array.from({ length: kills }, () => ({ atRow: Math.floor(next() * rows), place: next() })).sort(
    (one, other) => one.atRow - other.atRow,
  );
}

/** Tommy Ettinger's generator: small, and the same numbers from the same seed everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
