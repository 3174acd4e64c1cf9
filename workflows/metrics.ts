import { metricMeter } from '@temporalio/workflow';
import type { Phase } from '../domain/phases';

/** Of a phase that has ended, however. Does nothing while a history is replayed. */
export function countPhase(phase: Phase, durationMs: number): void {
  seconds('phase').record(asSeconds(durationMs), { phase });
}

/** Of a freeze that has ended. Does nothing while a history is replayed. */
export function countWritePause(durationMs: number): void {
  seconds('write_pause').record(asSeconds(durationMs));
}

/** docs/operations.md lists the same names; workers/telemetry.ts has the limits of their buckets. */
function seconds(what: 'phase' | 'write_pause') {
  return metricMeter.createHistogram(`temporal_migrate_${what}_seconds`, 'float', 's');
}

/** The workflow's clock is that of the server's hosts, which need not agree; a histogram refuses what is negative. */
function asSeconds(durationMs: number): number {
  return Math.max(0, durationMs) / 1_000;
}
