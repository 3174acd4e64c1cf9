import type { LogPlace } from '../../../domain/position';
import type { Layout } from './layout';

/** A rows event that waits, in memory of its own. */
export interface KeptEvent {
  readonly type: number;
  readonly bytes: Buffer;
  readonly layout: Layout;
}

/** What all waiting changes of a stream may take up together; beyond it they are read from the log again. */
const MOST_BYTES = 64 << 20;
const SLAB_BYTES = 1 << 20;

/** The memory of the changes that wait: slabs, of which the last is used over and over while little waits. */
export class HeldMemory {
  private slab = Buffer.alloc(0);
  private at = 0;
  private used = 0;

  constructor(private readonly most = MOST_BYTES) {}

  /** A copy of the bytes; null when there is no room for it. */
  copy(bytes: Buffer, start: number, end: number): Buffer | null {
    const size = end - start;
    if (this.used + size > this.most) return null;
    if (this.used === 0) this.at = 0;
    if (this.slab.length - this.at < size) {
      this.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, size));
      this.at = 0;
    }
    const copy = this.slab.subarray(this.at, this.at + size);
    bytes.copy(copy, 0, start, end);
    this.at += size;
    this.used += size;
    return copy;
  }

  giveBack(size: number): void {
    this.used -= size;
  }
}

/**
 * The changes of a transaction of which the log says only later whether they count: a prepared one, and on MariaDB any,
 * since its log has some that were rolled back. Few are kept as they are; of many only their place is.
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
    const copy = this.memory.copy(bytes, start, end);
    if (copy === null) {
      this.forget();
      return;
    }
    this.bytes += copy.length;
    this.kept.push({ type, bytes: copy, layout });
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
