import { Decompress } from 'fzstd';
import { asUnreadable, unreadable } from './layout';
import { HEADER_BYTES, readHeader, type EventHeader } from './header';
import { readLength } from './lengths';

/** Fields in front of a compressed transaction. (MySQL: binlog::event::Transaction_payload_event) */
const FIELD = { end: 0, compression: 2 } as const;
const ZSTD = 0;
const UNCOMPRESSED = 255;
/** So much is inflated at a time, so that a transaction of any size passes in flat memory. */
const STEP_BYTES = 4 << 10;

export interface PayloadEvent {
  readonly header: EventHeader;
  readonly bytes: Buffer;
  /** The event's body. */
  readonly start: number;
  readonly end: number;
}

/** The events of a compressed transaction, inflated step by step. They have no checksums of their own. */
export class PayloadEvents {
  private at: number;
  private readonly inflate: Decompress | null;
  private inflated = Buffer.alloc(0);
  /** What of it is filled, and what of that was handed out. */
  private filled = 0;
  private taken = 0;

  constructor(
    private readonly bytes: Buffer,
    start: number,
    private readonly end: number,
  ) {
    const fields = readFields(bytes, start, end);
    this.at = fields.behind;
    if (fields.compression === ZSTD) this.inflate = new Decompress((data) => this.append(data));
    else if (fields.compression === UNCOMPRESSED) this.inflate = null;
    else throw unreadable('the log', `holds a transaction compressed in an unknown way (${fields.compression})`);
  }

  /** The next event, lent until the next call; null behind the last one. */
  next(): PayloadEvent | null {
    while (!this.has(HEADER_BYTES) || !this.has(readHeader(this.inflated, this.taken).size)) {
      if (this.at >= this.end) {
        if (this.filled > this.taken) throw unreadable('the log', 'holds a compressed transaction that ends too early');
        return null;
      }
      this.step();
    }
    const start = this.taken;
    const header = readHeader(this.inflated, start);
    this.taken += header.size;
    return { header, bytes: this.inflated, start: start + HEADER_BYTES, end: this.taken };
  }

  private has(size: number): boolean {
    return this.filled - this.taken >= size;
  }

  private step(): void {
    const to = Math.min(this.end, this.at + STEP_BYTES);
    const piece = this.bytes.subarray(this.at, to);
    this.at = to;
    if (this.inflate === null) this.append(piece);
    else this.push(this.inflate, piece, to === this.end);
  }

  private push(inflate: Decompress, piece: Buffer, isLast: boolean): void {
    try {
      inflate.push(piece, isLast);
    } catch (error) {
      throw asUnreadable(error, 'the log', 'holds a compressed transaction that cannot be inflated');
    }
  }

  private append(data: Uint8Array): void {
    if (this.filled + data.length > this.inflated.length) {
      const rest = this.filled - this.taken;
      const size = Math.max(rest + data.length, STEP_BYTES * 64);
      // What has been handed out is lent until the next event is asked for, which has happened.
      const target = size > this.inflated.length ? Buffer.allocUnsafeSlow(size * 2) : this.inflated;
      this.inflated.copy(target, 0, this.taken, this.filled);
      this.inflated = target;
      [this.taken, this.filled] = [0, rest];
    }
    this.inflated.set(data, this.filled);
    this.filled += data.length;
  }
}

function readFields(bytes: Buffer, start: number, end: number): { compression: number; behind: number } {
  let compression = ZSTD;
  let at = start;
  while (at < end) {
    const field = readLength(bytes, at);
    at = field.behind;
    if (field.length === FIELD.end) break;
    const size = readLength(bytes, at);
    at = size.behind + size.length;
    if (field.length === FIELD.compression) compression = readLength(bytes, size.behind).length;
  }
  return { compression, behind: at };
}
