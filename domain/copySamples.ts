/** How far a copy had come at a moment. */
export interface CopySample {
  /** Milliseconds since the copy began. */
  readonly atMs: number;
  /** Rows copied by then, of all tables together. */
  readonly rows: number;
}

/** As many points as a line on a page shows; a copy of days keeps no more. */
export const MAX_SAMPLES = 120;

/**
 * Adds a sample, and beyond MAX_SAMPLES takes away the one whose neighbours are closest in time, so that what is kept
 * stays evenly spread. The first and the last are always kept. Pure, so that a replay keeps the same ones.
 */
export function withSample(samples: readonly CopySample[], sample: CopySample): readonly CopySample[] {
  const all = [...samples, sample];
  if (all.length <= MAX_SAMPLES) return all;
  const gaps = all.map((_, index) => (all[index + 1]?.atMs ?? Infinity) - (all[index - 1]?.atMs ?? -Infinity));
  const least = gaps.indexOf(Math.min(...gaps));
  return all.filter((_, index) => index !== least);
}
