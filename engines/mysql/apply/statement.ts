import { COMMAND_ROOM } from '../command';

const FIRST_BYTES = 1 << 20;
/** More than this is given back, so that one large row does not keep its memory for ever. */
const KEPT_BYTES = 8 << 20;
const QUOTE = 0x27;
const BACKSLASH = 0x5c;

/**
 * A statement's bytes in memory that is used again and again. Sessions have no NO_BACKSLASH_ESCAPES and speak utf8mb4, in
 * which no byte of a character beyond ASCII is a quote or a backslash.
 */
export class Statement {
  private memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private at = COMMAND_ROOM;

  /** Where the statement ends; a mark to go `back` to. */
  get end(): number {
    return this.at;
  }

  /** In bytes. */
  get length(): number {
    return this.at - COMMAND_ROOM;
  }

  /** Everything, with COMMAND_ROOM bytes for the driver in front. Good until the statement is changed. */
  get bytes(): Buffer {
    return this.memory.subarray(0, this.at);
  }

  back(end: number): void {
    this.at = end;
  }

  clear(): void {
    if (this.memory.length > KEPT_BYTES) this.memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.at = COMMAND_ROOM;
  }

  text(text: string): void {
    this.room(text.length * 3);
    this.at += this.memory.write(text, this.at);
  }

  byte(value: number): void {
    this.room(1);
    this.memory[this.at++] = value;
  }

  copy(bytes: Buffer, start: number, end: number): void {
    this.room(end - start);
    this.at += bytes.copy(this.memory, this.at, start, end);
  }

  /** Between quotes, with a backslash before what would end the literal or begin an escape. */
  quoted(bytes: Buffer, start: number, end: number): void {
    this.room((end - start) * 2 + 2);
    const { memory } = this;
    let to = this.at;
    memory[to++] = QUOTE;
    for (let from = start; from < end; from++) {
      const byte = bytes[from] as number;
      if (byte === QUOTE || byte === BACKSLASH) memory[to++] = BACKSLASH;
      memory[to++] = byte;
    }
    memory[to++] = QUOTE;
    this.at = to;
  }

  private room(size: number): void {
    const needed = this.at + size;
    if (needed <= this.memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.memory.length * 2));
    this.memory.copy(larger, 0, 0, this.at);
    this.memory = larger;
  }
}
