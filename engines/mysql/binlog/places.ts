import type { LogPlace, Position } from '../../../domain/position';
import { containsPosition } from './progress';

/** How far apart in time positions are whose places are kept; the last one is kept, too. */
const APART_MS = 1_000;
/** So many are kept: a lag of this many seconds is told in bytes to about a second. */
const MOST = 1_000;

interface Told {
  readonly position: Position;
  readonly place: LogPlace;
}

/** Where in the log's files some positions are that were told lately; of a GTID the server says only the file. */
export class Places {
  private readonly kept: Told[] = [];
  private last: Told | null = null;
  private keptAtMs = 0;

  note(position: Position, place: LogPlace): void {
    this.last = { position, place: { ...place } };
    const now = Date.now();
    if (now - this.keptAtMs < APART_MS) return;
    this.keptAtMs = now;
    this.kept.push(this.last);
    if (this.kept.length > MOST) this.kept.shift();
  }

  /** The last of them that a position has reached; null for none. */
  reachedBy(position: Position): LogPlace | null {
    const told = [...this.kept, ...(this.last === null ? [] : [this.last])].filter(
      (each) => each.position.server === position.server && each.position.kind === position.kind,
    );
    // Each contains those before it, so the first that is not reached ends the search.
    let [from, to] = [0, told.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (containsPosition(position, (told[middle] as Told).position)) from = middle + 1;
      else to = middle;
    }
    return told[from - 1]?.place ?? null;
  }
}
