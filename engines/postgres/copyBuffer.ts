/**
 * Memory that rows are written into, with the place of the next byte. Encoders write with plain index stores and
 * DataView stores, which the compiler turns into single instructions; that there is room is checked once a row.
 */
export class CopyBuffer {
  readonly bytes: Buffer;
  readonly view: DataView;
  at = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = viewOf(this.bytes);
  }
}

/** The memory of a source's row, and a view on it that reads four bytes at once. */
export class RowBytes {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = viewOf(this.bytes);

  /** Cheap when it is the memory of the row before, as in a source's network buffer. */
  load(bytes: Buffer): this {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = viewOf(bytes);
    }
    return this;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The byte at a place known to be inside, which the type system cannot know. */
export function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] as number;
}

/** A field's length word of -1 is NULL (PostgreSQL manual, COPY, binary format). */
export function writeNull(out: CopyBuffer): void {
  out.view.setInt32(out.at, -1);
  out.at += 4;
}

/** An 8-byte field from its two halves. */
export function writeHalves(out: CopyBuffer, high: number, low: number): void {
  const { view, at } = out;
  view.setInt32(at, 8);
  view.setInt32(at + 4, high);
  view.setInt32(at + 8, low);
  out.at = at + 12;
}

/** Up to this many bytes a loop is quicker than a native copy. */
const LOOP_BYTES = 256;

/** Copies bytes to the next place, without a length word. */
export function appendBytes(out: CopyBuffer, row: RowBytes, start: number, end: number): void {
  let to = out.at;
  let from = start;
  if (end - start > LOOP_BYTES) {
    row.bytes.copy(out.bytes, to, start, end);
  } else {
    for (; from < end - 3; from += 4, to += 4) out.view.setInt32(to, row.view.getInt32(from));
    for (; from < end; from++, to++) out.bytes[to] = byteAt(row.bytes, from);
  }
  out.at += end - start;
}

/** A field that is ready as it is. */
export function writeField(out: CopyBuffer, content: Uint8Array): void {
  out.view.setInt32(out.at, content.length);
  out.bytes.set(content, out.at + 4);
  out.at += 4 + content.length;
}
