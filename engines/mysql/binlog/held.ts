import type { LogPlace } from '../../../domain/position';
import type { Layout } from './layout';

/** A rows event that waits, in memory of its own. */
interface KeptEvent {
  readonly type: number;
  readonly bytes: Buffer;
  readonly layout: Layout;
}

/** What all waiting changes of a stream may take up together; beyond it they are read from the log again. */
const MOST_BYTES = 64 << 20;

/** The memory of the changes that wait. */
export class HeldMemory {
  private used = 0;

  take(size: number): boolean {
    if (this.used + size > MOST_BYTES) return false;
    this.used += size;
    return true;
  }

  giveBack(size: number): void {
    this.used -= size;
  }
}

/**
 * The changes of a transaction of which the log says only later whether they count: a prepared one, or one that MariaDB
 * logs although it may be rolled back. Few are kept as they are; of many only their place is.
 */
export class HeldChanges {
  private kept: KeptEvent[] | null = [];
  private bytes = 0;
  /** Rows events of streamed tables so far. */
  private count = 0;
  private readonly savepoints = new Map<string, number>();
  private readonly undone: [from: number, to: number][] = [];

  constructor(
    readonly place: LogPlace,
    private readonly memory: HeldMemory,
  ) {}

  /** One of which only the place is known any more. */
  static at(place: LogPlace): HeldChanges {
    const held = new HeldChanges(place, new HeldMemory());
    held.kept = null;
    held.count = Infinity;
    return held;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Null when they must be read from the log again. */
  get events(): readonly KeptEvent[] | null {
    return this.kept;
  }

  add(type: number, bytes: Buffer, start: number, end: number, layout: Layout): void {
    this.count++;
    if (this.kept === null) return;
    if (!this.memory.take(end - start)) {
      this.forget();
      return;
    }
    this.bytes += end - start;
    this.kept.push({ type, bytes: Buffer.from(bytes.subarray(start, end)), layout });
  }

  setSavepoint(name: string): void {
    this.savepoints.set(name.toLowerCase(), this.count);
  }

  undoTo(savepoint: string): void {
    this.undone.push([this.savepoints.get(savepoint.toLowerCase()) ?? 0, this.count]);
  }

  undoAll(): void {
    this.undone.push([0, this.count]);
  }

  /** Whether the changes of the rows event with this ordinal count; those of a table without transactions always do. */
  counts(ordinal: number, { transactional }: Layout): boolean {
    return !transactional || !this.undone.some(([from, to]) => ordinal >= from && ordinal < to);
  }

  /** Gives the memory back; the place stays. */
  forget(): void {
    this.memory.giveBack(this.bytes);
    this.bytes = 0;
    this.kept = null;
  }
}
