import type { Finding } from '../finding';

/** Rows, indexes and the write-ahead log of the copy, together, against the bytes that the source stores. */
const ROOM_FACTOR = 2.5;

export interface Space {
  /** The target's connection. */
  readonly name: string;
  /** What the source stores of the tables to move, by its own estimate. */
  readonly dataBytes: number;
  /** Measured on the worker's own machine; null where the target's folder is not there. */
  readonly measuredBytes: number | null;
  /** As the operator says: `targetFreeBytes`. */
  readonly saidBytes: number | null;
}

/** Whether the target has room. What nobody knows is an open question, and never a pass. */
export function spaceFindings({ name, dataBytes, measuredBytes, saidBytes }: Space): Finding[] {
  const needed = Math.ceil(dataBytes * ROOM_FACTOR);
  const finding = (severity: Finding['severity'], source: string, reason: string): Finding[] => [
    { code: 'TARGET_SPACE', severity, object: name, source, target: '', reason },
  ];
  const known = [measuredBytes, saidBytes].filter((bytes) => bytes !== null);
  if (known.length === 0) {
    const reason =
      `no server tells its free disk by SQL: look at the disk of the target, and give targetFreeBytes in the input; ` +
      `${size(needed)} are advised, ${ROOM_FACTOR} times the data`;
    return finding('question', 'free space unknown', reason);
  }
  const free = Math.min(...known);
  if (free >= needed) return [];
  const told = free === measuredBytes ? 'measured' : 'by targetFreeBytes';
  const source = `${size(free)} free (${told}), ${size(dataBytes)} of data`;
  return free < dataBytes
    ? finding(
        'blocking',
        source,
        `not even the rows would fit: make room for ${size(needed)}, ${ROOM_FACTOR} times the data`,
      )
    : finding(
        'warning',
        source,
        `indexes and the log of the copy may not fit: ${size(needed)} are advised, ${ROOM_FACTOR} times the data`,
      );
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1_000 && unit < UNITS.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
