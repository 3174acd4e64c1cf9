import type { Socket } from 'node:net';
import { largeRows } from './largeRows';

const HEADER_BYTES = 4;
/** A payload of this length goes on in the next packet. (MySQL protocol: Sending More Than 16 MB) */
const LONGEST = 0xff_ffff;
/** Room left behind the part of a long row whose length is known, for the columns after it. */
const SLACK_BYTES = 1 << 20;

export interface PayloadHandler {
  /**
   * Takes a whole payload, that of `packets` packets of which the first is numbered `sequenceId`. Answers a promise
   * when nothing more must come until it resolves.
   */
  payload(bytes: Buffer, start: number, end: number, sequenceId: number, packets: number): Promise<void> | null;
  /** How far the payload that begins these bytes goes at the least, as far as they tell. */
  expectedEnd(bytes: Buffer, start: number, end: number): number;
  /** Hears of what payload threw, or a promise of it was rejected with; nothing more is delivered. */
  failed(error: unknown): void;
}

/**
 * Cuts a socket's bytes into payloads and hands each over where it lies, copying only what a chunk's end splits. It
 * stands in for the driver's own cutter, which copies long rows several times and goes on delivering while paused.
 */
export class PacketCutter {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private headerUsed = 0;
  /** Bytes of the current packet still to come; -1 between packets. */
  private missing = -1;
  private continues = false;
  private split = Buffer.alloc(1 << 16);
  private used = 0;
  private packets = 0;
  private sequenceId = 0;
  private expected = 0;
  private hasLargeBuffer = false;
  private held = false;
  private closed = false;
  private readonly backlog: Buffer[] = [];

  constructor(
    private readonly socket: () => Socket,
    private readonly handler: PayloadHandler,
  ) {}

  /** What the driver calls with every chunk it receives. */
  execute(chunk: Buffer): void {
    if (this.held) this.backlog.push(chunk);
    else this.cutSafely(chunk);
  }

  /** Ends delivery for good. */
  close(): void {
    this.closed = true;
    this.leaveLargeBuffer();
  }

  private cutSafely(chunk: Buffer): void {
    try {
      this.cut(chunk);
    } catch (error) {
      this.close();
      this.handler.failed(error);
    }
  }

  private cut(chunk: Buffer): void {
    let at = 0;
    while (!this.closed) {
      if (this.missing < 0) {
        const after = this.readHeader(chunk, at);
        if (after < 0) return;
        at = after;
        if (this.used === 0 && !this.continues && at + this.missing <= chunk.length) {
          const end = at + this.missing;
          this.missing = -1;
          const wait = this.handler.payload(chunk, at, end, this.sequenceId, 1);
          at = end;
          if (wait !== null) {
            this.hold(wait, chunk.subarray(at));
            return;
          }
          continue;
        }
        const wait = this.makeRoom();
        if (wait !== null) {
          this.hold(wait, chunk.subarray(at));
          return;
        }
      }
      at += this.take(chunk, at);
      if (this.missing > 0) return;
      this.missing = -1;
      const wait = this.finishPacket();
      if (wait !== null) {
        this.hold(wait, chunk.subarray(at));
        return;
      }
    }
  }

  /** Answers where the payload begins, or -1 when the chunk ends within the header. */
  private readHeader(chunk: Buffer, start: number): number {
    let at = start;
    let header = chunk;
    let base = at;
    if (this.headerUsed > 0 || chunk.length - at < HEADER_BYTES) {
      while (this.headerUsed < HEADER_BYTES && at < chunk.length)
        this.header[this.headerUsed++] = chunk[at++] as number;
      if (this.headerUsed < HEADER_BYTES) return -1;
      this.headerUsed = 0;
      header = this.header;
      base = 0;
    } else at += HEADER_BYTES;
    this.missing = header.readUIntLE(base, 3);
    this.continues = this.missing === LONGEST;
    if (this.packets === 0) this.sequenceId = header[base + 3] as number;
    return at;
  }

  /** Makes sure that the packet that begins now can be put together; answers a promise when its turn has to come first. */
  private makeRoom(): Promise<void> | null {
    if (this.continues && !this.hasLargeBuffer) {
      const turn = largeRows.enter();
      if (turn === null) this.hasLargeBuffer = true;
      return turn?.then(() => this.gotLargeBuffer()) ?? null;
    }
    return null;
  }

  private gotLargeBuffer(): void {
    if (this.closed) largeRows.leave();
    else this.hasLargeBuffer = true;
  }

  private leaveLargeBuffer(): void {
    if (this.hasLargeBuffer) largeRows.leave();
    this.hasLargeBuffer = false;
  }

  private buffer(size: number): Buffer {
    if (this.hasLargeBuffer) return largeRows.room(Math.max(size, this.expected), this.used);
    if (this.split.length < size) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, this.split.length * 2));
      this.split.copy(larger, 0, 0, this.used);
      this.split = larger;
    }
    return this.split;
  }

  /** Copies what the chunk has of the current packet; answers how many bytes. */
  private take(chunk: Buffer, at: number): number {
    const target = this.buffer(this.used + this.missing);
    const taken = chunk.copy(target, this.used, at, Math.min(chunk.length, at + this.missing));
    this.used += taken;
    this.missing -= taken;
    return taken;
  }

  private finishPacket(): Promise<void> | null {
    this.packets++;
    const bytes = this.buffer(this.used);
    if (this.continues) {
      this.expected = this.handler.expectedEnd(bytes, 0, this.used) + SLACK_BYTES;
      return null;
    }
    const wait = this.handler.payload(bytes, 0, this.used, this.sequenceId, this.packets);
    this.used = 0;
    this.packets = 0;
    this.expected = 0;
    if (wait !== null) return wait.then(() => this.leaveLargeBuffer());
    this.leaveLargeBuffer();
    return null;
  }

  /** Stands still until the promise resolves, then goes on where it stopped. */
  private hold(until: Promise<void>, rest: Buffer): void {
    this.held = true;
    this.socket().pause();
    if (rest.length > 0) this.backlog.unshift(rest);
    until.then(
      () => {
        this.held = false;
        this.goOn();
      },
      (error: unknown) => {
        this.close();
        this.handler.failed(error);
      },
    );
  }

  private goOn(): void {
    while (!this.held && !this.closed) {
      const chunk = this.backlog.shift();
      if (chunk === undefined) break;
      this.cutSafely(chunk);
    }
    // Also when the result ended within what was held back: the session's next result comes over the same socket.
    if (!this.held) this.socket().resume();
  }
}
