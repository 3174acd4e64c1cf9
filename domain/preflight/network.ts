import type { Finding } from '../finding';

/** What was measured between the worker and a server. */
export interface NetworkMeasure {
  /** Median of a few smallest statements, in milliseconds. */
  readonly roundTripMs: number;
  /** Of rows read from the server, in 10^6 bits a second. Measured up to a few times the floor, not to the limit. */
  readonly megabitsPerSecond: number;
}

/** Below this a migration takes hours where minutes would do: the least that a network between servers should have. */
export const FLOOR_MEGABITS = 100;
/** Each chunk and each small table costs some ten round trips; beyond this they are what the time goes to. */
const SLOW_ROUND_TRIP_MS = 50;

export function networkFindings(name: string, { roundTripMs, megabitsPerSecond }: NetworkMeasure): Finding[] {
  const slow = [
    ...(megabitsPerSecond < FLOOR_MEGABITS
      ? [`${rounded(megabitsPerSecond)} Mbit/s, where ${FLOOR_MEGABITS} is the least that is advised`]
      : []),
    ...(roundTripMs > SLOW_ROUND_TRIP_MS
      ? [`${rounded(roundTripMs)} ms for a round trip, where ${SLOW_ROUND_TRIP_MS} is the most that is advised`]
      : []),
  ];
  if (slow.length === 0) return [];
  return [
    {
      code: 'NETWORK_SLOW',
      severity: 'warning',
      object: name,
      source: slow.join('; '),
      target: '',
      reason: 'measured from the worker: run it nearer to the servers, or expect the write pause to be longer',
    },
  ];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}
