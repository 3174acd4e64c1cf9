/** Two values as long as most servers let one be (max_allowed_packet is 64 MB by default). */
const STEP_BYTES = 128 * 1024 * 1024;

/**
 * Rows too long for one packet (16 MB) pass one at a time through this process, in one buffer that all readers share:
 * its memory then does not grow with the number of lanes, each of which may have a row of 64 MB before it.
 */
export class LargeRows {
  private bytes = Buffer.alloc(0);
  private taken = false;
  private readonly waiting: (() => void)[] = [];

  /** Null when the caller has the buffer now; else a promise of it. Either way `leave` must follow. */
  enter(): Promise<void> | null {
    if (!this.taken) {
      this.taken = true;
      return null;
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken = false;
    else next();
  }

  /**
   * The buffer with room for `size` bytes, the first `used` of which are kept. Memory is only taken up as it is filled;
   * what a larger buffer replaces is taken up until it is collected, so it grows in few steps.
   */
  room(size: number, used: number): Buffer {
    if (this.bytes.length < size) {
      const larger = Buffer.allocUnsafeSlow(Math.ceil(size / STEP_BYTES) * STEP_BYTES);
      this.bytes.copy(larger, 0, 0, used);
      this.bytes = larger;
    }
    return this.bytes;
  }
}

/** This process's. */
export const largeRows = new LargeRows();
