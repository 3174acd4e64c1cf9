/** What the time of a copy goes into. */
const CAUSES = ['rows', 'bytes', 'chunks', 'groups'] as const;
type Cause = (typeof CAUSES)[number];

/**
 * What a copy does: rows and bytes go over, chunks are claimed and committed, and groups of tables are begun, each a
 * child workflow that cuts its tables into chunks and opens its lanes.
 */
export type Work = Readonly<Record<Cause, number>>;

/** How long one of each takes, in milliseconds. */
export type Costs = Readonly<Record<Cause, number>>;

/** Costs as far as they are known, and how far each may lie from what is said, as a share of it. */
export interface Prior {
  readonly costs: Costs;
  readonly spread: number;
}

/** Work that was done, and how long it took. */
export interface Done {
  readonly ms: number;
  readonly work: Work;
}

export const NOTHING: Work = { rows: 0, bytes: 0, chunks: 0, groups: 0 };

/**
 * Of one lane, measured on a machine of 2 cores: tables of four integers go at 1.5 million rows/s, of 13 mixed columns
 * at 270,000 rows/s, of texts of 4 kB at 130 MB/s. Elsewhere only their ratios count, and not for much: a network makes
 * one many times as dear, and no other.
 */
export const BENCHMARK_COSTS: Prior = { costs: { rows: 0.001, bytes: 8e-6, chunks: 10, groups: 1_000 }, spread: 2 };

/** How far what a table takes lies from what its rows and bytes tell, as a share: types differ. */
const DEVIATION = 0.25;
/** No cost falls below this share of its prior: none is free, however few tables told. */
const LEAST = 0.1;

export function timeOf(work: Work, costs: Costs): number {
  return CAUSES.reduce((ms, cause) => ms + work[cause] * costs[cause], 0);
}

export function plus(one: Work, other: Work): Work {
  return {
    rows: one.rows + other.rows,
    bytes: one.bytes + other.bytes,
    chunks: one.chunks + other.chunks,
    groups: one.groups + other.groups,
  };
}

/**
 * The costs by which these took what they took, by least squares. What they do not tell is left to the prior, where rows
 * and bytes move together: a copy of one table tells how fast it goes, and nothing of whether it is rows or bytes that
 * take the time. Each `ms` may be off by `unsharpMs`, and besides by what its kind of rows makes.
 */
export function fitCosts(done: readonly Done[], { costs: given, spread }: Prior, unsharpMs: number): Costs {
  const level = levelOf(done, given, unsharpMs / spread);
  // What is slow beyond all measure waits for a network or a disk, and these carry bytes.
  const prior: Costs = { ...given, rows: given.rows * Math.min(level, Math.sqrt(level)), bytes: given.bytes * level };
  // In shares of the prior, so that all causes weigh alike.
  const observed = done.map(({ ms, work }) => ({
    ms,
    each: CAUSES.map((cause) => work[cause] * prior[cause]),
    weight: 1 / ((DEVIATION * ms) ** 2 + unsharpMs ** 2),
  }));
  const moment = (one: number, other: number): number =>
    sum(observed.map(({ each, weight }) => weight * (each[one] ?? 0) * (each[other] ?? 0)));
  const trust = 1 / spread ** 2;
  const shares = CAUSES.map(() => LEAST);
  for (let free = CAUSES.map((_, index) => index); free.length > 0;) {
    const held = CAUSES.map((_, index) => index).filter((index) => !free.includes(index));
    const found = solve(
      free.map((row) => free.map((column) => moment(row, column) + (row === column ? trust : 0))),
      free.map(
        (row) =>
          trust +
          sum(observed.map(({ ms, each, weight }) => weight * (each[row] ?? 0) * ms)) -
          sum(held.map((index) => LEAST * moment(row, index))),
      ),
    );
    const enough = free.filter((_, place) => (found[place] ?? 0) >= LEAST);
    if (enough.length === free.length) {
      free.forEach((index, place) => (shares[index] = found[place] ?? LEAST));
      break;
    }
    free = enough;
  }
  const cost = (cause: Cause): number => prior[cause] * (shares[CAUSES.indexOf(cause)] ?? 1);
  return { rows: cost('rows'), bytes: cost('bytes'), chunks: cost('chunks'), groups: cost('groups') };
}

/**
 * How many times as long as the prior says rows and bytes took, all in all; what is begun and committed is as it says.
 * The prior counts as if it had been seen for `grantedMs`.
 */
function levelOf(done: readonly Done[], prior: Costs, grantedMs: number): number {
  const took = sum(done.map(({ ms }) => ms));
  const moved = sum(done.map(({ work }) => timeOf({ ...work, chunks: 0, groups: 0 }, prior)));
  const other = sum(done.map(({ work }) => timeOf({ ...work, rows: 0, bytes: 0 }, prior)));
  return (Math.max(took - other, LEAST * took) + grantedMs) / (moved + grantedMs);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}

/** The solution of a symmetric, positive definite system, by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  for (let at = 0; at < rows.length; at++) {
    const pivot = rows[at] ?? [];
    for (const row of rows.slice(at + 1)) {
      const factor = (row[at] ?? 0) / (pivot[at] ?? 1);
      for (let column = at; column < row.length; column++) {
        row[column] = (row[column] ?? 0) - factor * (pivot[column] ?? 0);
      }
    }
  }
  const solution: number[] = [];
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at] ?? [];
    const known = solution.reduce((sum, value, offset) => sum + value * (row[rows.length - 1 - offset] ?? 0), 0);
    solution.push(((row[rows.length] ?? 0) - known) / (row[at] ?? 1));
  }
  return solution.reverse();
}
