import type { Finding } from '../../domain/finding';
import { clockFindings, timeZoneFindings, type ClockReading } from '../../domain/preflight/clocks';
import { FLOOR_MEGABITS, median, type NetworkMeasure } from '../../domain/preflight/network';
import type { Probe } from '../../engines/engine';

/** Long enough to get past a connection's slow start, short enough not to be felt by the server. */
const READ_BYTES = 4 * 1_048_576;
/** Only the best reading counts: another task of the machine can slow one down, and nothing makes one too fast. */
const READINGS = 3;
const ROUND_TRIPS = 7;

/** A server under a name, to be looked at from outside. */
export interface Probed {
  readonly name: string;
  readonly probe: Probe;
}

export async function measureNetwork(probe: Probe): Promise<NetworkMeasure> {
  const roundTripMs = await measureRoundTrip(probe);
  let megabitsPerSecond = 0;
  for (let reading = 0; reading < READINGS && megabitsPerSecond < FLOOR_MEGABITS; reading += 1) {
    const { ms, answer } = await timed(() => probe.readGenerated(READ_BYTES));
    megabitsPerSecond = Math.max(megabitsPerSecond, (answer * 8) / 1_000 / Math.max(ms, 0.001));
  }
  return { roundTripMs, megabitsPerSecond };
}

/** Median of a few smallest statements, in milliseconds. */
export async function measureRoundTrip(probe: Probe): Promise<number> {
  const roundTrips: number[] = [];
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) roundTrips.push((await timed(() => probe.ping())).ms);
  return median(roundTrips);
}

export async function findInClocks(source: Probed, target: Probed): Promise<Finding[]> {
  return clockFindings(
    { name: source.name, reading: await readClock(source.probe) },
    { name: target.name, reading: await readClock(target.probe) },
  );
}

export async function findInTimeZones(source: Probed, target: Probed): Promise<Finding[]> {
  return timeZoneFindings(
    { name: source.name, minutes: await source.probe.utcOffsetMinutes() },
    { name: target.name, minutes: await target.probe.utcOffsetMinutes() },
  );
}

async function readClock(probe: Probe): Promise<ClockReading> {
  const askedMs = Date.now();
  const serverMs = await probe.clockMs();
  return { serverMs, askedMs, answeredMs: Date.now() };
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const startedAt = performance.now();
  const answer = await work();
  return { ms: performance.now() - startedAt, answer };
}
