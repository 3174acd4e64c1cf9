/** So many bytes one cell may need behind the row: the longest text of an interval, with some to spare. */
export const ROOM_BYTES = 40;

/**
 * One row's message, and the cell that was read last. A cell that becomes no longer is changed in its place; one that
 * does is written behind the row, where there is room for it.
 */
export class RowText {
  bytes: Buffer = Buffer.alloc(0);
  /** Where the row begins and ends in `bytes`. */
  at = 0;
  end = 0;
  /** Of the cell. */
  cellStart = 0;
  cellEnd = 0;
  private free = 0;
  private own: Buffer = Buffer.alloc(0);

  /** Takes a message, which must stay as it is; it is copied only where cells need room behind it. */
  load(bytes: Buffer, start: number, end: number, roomyCells: number): void {
    if (roomyCells === 0) {
      this.bytes = bytes;
      this.at = start;
      this.end = end;
      return;
    }
    const size = end - start;
    const needed = size + roomyCells * ROOM_BYTES;
    if (this.own.length < needed) this.own = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.own.length, 4_096));
    bytes.copy(this.own, 0, start, end);
    this.bytes = this.own;
    this.at = 0;
    this.end = size;
    this.free = size;
  }

  /** The present cell as text, each byte a character. */
  text(): string {
    return this.bytes.toString('latin1', this.cellStart, this.cellEnd);
  }

  /** Makes an ASCII text of at most ROOM_BYTES the present cell. */
  replace(text: string): void {
    this.cellStart = this.free;
    this.free += this.bytes.write(text, this.free, 'latin1');
    this.cellEnd = this.free;
  }
}
