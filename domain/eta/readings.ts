/** Often while little is known, later ever more seldom, so that a history stays small. */
const FIRST_MS = 500;
const EARLY_MS = 2_000;
const LAST_MS = 120_000;
/** A history keeps all that a reading tells of each table: of more than so many it is read the more seldom. */
const MANY_TABLES = 1_000;

/** What the next reading of a copy waits for, in milliseconds. */
export interface ReadingMoment {
  /** Since the copy began. */
  readonly elapsedMs: number;
  /** Since its pace was set last. */
  readonly settledMs: number;
  /** Until its end, as far as is known; Infinity while it is paused. */
  readonly leftMs: number;
  /** That are copied in all. */
  readonly tables: number;
}

/**
 * How long to wait for the next reading, in milliseconds: a little of what is behind, and of what is left when that is
 * less. Behind a new pace it is seen soon how the copy goes now; half a dozen readings do, however often that is.
 */
export function untilNextReading({ elapsedMs, settledMs, leftMs, tables }: ReadingMoment): number {
  const early = Math.min(Math.max(elapsedMs / 8, FIRST_MS), EARLY_MS);
  const wait = Math.min(Math.max(Math.min(elapsedMs / 20, settledMs, leftMs / 4), early), LAST_MS);
  return wait * Math.max(1, tables / MANY_TABLES);
}
