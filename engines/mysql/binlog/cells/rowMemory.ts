/** Room for the texts of a row whose sizes are bounded; what has no bound asks with `ensure`. */
const TEXT_ROOM = 1 << 16;
/** An event that needed more gives its memory back. */
const KEPT_BYTES = 32 << 20;

/**
 * The memory that row changes are lent from: the rows of one event as they lie in the log, and behind them the texts
 * made of the cells of one row. Cells that are ready as they are point into the first part, so nothing is copied twice.
 */
export class RowMemory {
  bytes: Buffer = Buffer.allocUnsafeSlow(1 << 20);
  view: DataView = viewOf(this.bytes);
  /** Where the next cell is read. */
  at = 0;
  /** Where the next text is written. */
  to = 0;
  /** The cell that was read last. */
  start = 0;
  end = 0;
  private rows = 0;

  /** Takes the rows of an event; `roomPerRow` is what the bounded texts of one change may take at most. */
  load(bytes: Buffer, start: number, end: number, roomPerRow: number): void {
    this.rows = end - start;
    const needed = this.rows + roomPerRow + TEXT_ROOM;
    if (this.bytes.length < needed || (this.bytes.length > KEPT_BYTES && needed < KEPT_BYTES)) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(needed, 1 << 20));
      this.view = viewOf(this.bytes);
    }
    bytes.copy(this.bytes, 0, start, end);
    this.at = 0;
    this.beginRow();
  }

  get loaded(): number {
    return this.rows;
  }

  /** Forgets the texts of the row before. */
  beginRow(): void {
    this.to = this.rows;
  }

  /** Makes sure that so many bytes can be written, and the bounded texts of the rest of the row behind them. */
  ensure(size: number): void {
    const needed = this.to + size + TEXT_ROOM;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.to);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  /** The next byte of the row. */
  byte(): number {
    return this.bytes[this.at++] as number;
  }

  /** The next `width` bytes, least significant first, up to 6 of them. */
  uint(width: number): number {
    const { view, at } = this;
    this.at += width;
    switch (width) {
      case 1:
        return view.getUint8(at);
      case 2:
        return view.getUint16(at, true);
      case 3:
        return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      case 4:
        return view.getUint32(at, true);
      default:
        return this.bytes.readUIntLE(at, width);
    }
  }

  /** The next `length` bytes of the row are the cell. */
  take(length: number): void {
    this.start = this.at;
    this.at += length;
    this.end = this.at;
  }

  /** A cell made of text begins here. */
  beginText(): void {
    this.start = this.to;
  }

  endText(): void {
    this.end = this.to;
  }

  put(byte: number): void {
    this.bytes[this.to++] = byte;
  }

  putAscii(text: string): void {
    for (let index = 0; index < text.length; index++) this.bytes[this.to++] = text.charCodeAt(index);
  }

  putBytes(bytes: Buffer): void {
    this.to += bytes.copy(this.bytes, this.to);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
