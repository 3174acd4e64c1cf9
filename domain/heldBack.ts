/** Beyond the first the copy waits; it goes on below the second, so that it does not start and stop all the time. */
interface Limit {
  readonly waitsAbove: number;
  readonly goesOnAt: number;
}

/** Seconds that a replica is behind. A reader of it sees old rows for as long. */
export const BEHIND: Limit = { waitsAbove: 10, goesOnAt: 5 };
/** Sessions of the source that execute a statement at once, beside those of the migration. */
export const RUNNING: Limit = { waitsAbove: 25, goesOnAt: 15 };

/** What was seen of the servers that the copy must not burden too much. */
export interface LoadSeen {
  readonly replicas: readonly ReplicaSeen[];
  /** Null where nobody looks at it. */
  readonly running: number | null;
}

export interface ReplicaSeen {
  /** The connection's name. */
  readonly name: string;
  /** Null where it does not follow the source, or cannot be asked. */
  readonly behindSeconds: number | null;
  /** Why not; else empty. */
  readonly why: string;
}

/**
 * Why the copy waits; null when it may go on. `waits` is whether it waits already. A replica of which nothing is known
 * may be any time behind: the copy waits for it.
 */
export function heldBackBy({ replicas, running }: LoadSeen, waits: boolean): string | null {
  const beyond = (value: number, { waitsAbove, goesOnAt }: Limit): boolean => value > (waits ? goesOnAt : waitsAbove);
  for (const { name, behindSeconds, why } of replicas) {
    if (behindSeconds === null) return `replica "${name}" does not follow the source: ${why}`;
    if (beyond(behindSeconds, BEHIND)) {
      return `replica "${name}" is ${behindSeconds} s behind the source; the copy waits above ${BEHIND.waitsAbove} s, and goes on at ${BEHIND.goesOnAt} s`;
    }
  }
  if (running !== null && beyond(running, RUNNING)) {
    return `the source has ${running} statements at work; the copy waits above ${RUNNING.waitsAbove}, and goes on at ${RUNNING.goesOnAt}`;
  }
  return null;
}
