import type { Finding } from '../finding';

/** One look at a server's clock, all in epoch milliseconds. */
export interface ClockReading {
  readonly serverMs: number;
  /** The worker's clock just before the question and just after the answer. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

/**
 * Rows that the application writes right before and right after the switch carry times of two servers: beyond a second
 * their order can turn round in a way that people see.
 */
const TOLERATED_MS = 1_000;

/** How far a server's clock is ahead of the worker's, and by how much that may be wrong; milliseconds. */
function aheadOf({ serverMs, askedMs, answeredMs }: ClockReading): { ahead: number; error: number } {
  return { ahead: serverMs - (askedMs + answeredMs) / 2, error: (answeredMs - askedMs) / 2 };
}

/** At most one finding: the servers between them matter more than either of them to the worker. */
export function clockFindings(
  source: { readonly name: string; readonly reading: ClockReading },
  target: { readonly name: string; readonly reading: ClockReading },
): Finding[] {
  const [ofSource, ofTarget] = [aheadOf(source.reading), aheadOf(target.reading)];
  const said = `${source.name} is ${seconds(ofSource.ahead)}, ${target.name} ${seconds(ofTarget.ahead)} of the worker's clock`;
  const between = Math.abs(ofSource.ahead - ofTarget.ahead) - ofSource.error - ofTarget.error;
  if (between > TOLERATED_MS) {
    const reason =
      'times that the database sets jump at the switch: synchronise the clocks of the machines (NTP) before the cutover';
    return [clocksDiffer(target.name, said, reason)];
  }
  const toWorker = Math.max(...[ofSource, ofTarget].map(({ ahead, error }) => Math.abs(ahead) - error));
  if (toWorker > TOLERATED_MS) {
    const reason = "the deadline of a freeze goes by the worker's clock: synchronise it (NTP)";
    return [clocksDiffer('worker', said, reason)];
  }
  return [];
}

function clocksDiffer(object: string, source: string, reason: string): Finding {
  return { code: 'CLOCKS_DIFFER', severity: 'warning', object, source, target: '', reason };
}

function seconds(ahead: number): string {
  return `${(Math.abs(ahead) / 1_000).toFixed(1)} s ${ahead < 0 ? 'behind' : 'ahead'}`;
}

/**
 * What a session of an application takes for the local time, in minutes ahead of UTC, as the servers have it set for
 * whoever sets nothing.
 */
export function timeZoneFindings(
  source: { readonly name: string; readonly minutes: number },
  target: { readonly name: string; readonly minutes: number },
): Finding[] {
  if (source.minutes === target.minutes) return [];
  return [
    {
      code: 'SETTING_UNSUITABLE',
      severity: 'warning',
      object: target.name,
      source: `time zone ${offset(source.minutes)} on ${source.name}, ${offset(target.minutes)} on ${target.name}`,
      target: '',
      reason:
        'the current time that a default gives to a column without a time zone would differ by as much: ' +
        "set the application's role on the target to the zone of the source (ALTER ROLE … SET TimeZone)",
    },
  ];
}

function offset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
