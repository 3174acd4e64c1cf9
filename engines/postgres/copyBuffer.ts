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
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity);
  }
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

/** A field that is ready as it is. */
export function writeField(out: CopyBuffer, content: Uint8Array): void {
  out.view.setInt32(out.at, content.length);
  out.bytes.set(content, out.at + 4);
  out.at += 4 + content.length;
}
