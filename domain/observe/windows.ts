const FIRST_MS = 15_000;
const LEAST_MS = 60_000;
/** No activity may run for longer than the server lets it. */
const MOST_MS = 86_400_000;
const WINDOWS = 6;

/**
 * How long the next window of an observation is. Each costs some events of the history, so the first are short, for a
 * person who looks on, and the others grow with the whole: half an hour has eleven of them, and so have days.
 */
export function nextWindowMs(observedMs: number, plannedMs: number): number {
  const longest = Math.min(MOST_MS, Math.max(LEAST_MS, plannedMs / WINDOWS));
  const wanted = Math.min(longest, Math.max(FIRST_MS, observedMs));
  return Math.min(wanted, Math.max(0, plannedMs - observedMs));
}
