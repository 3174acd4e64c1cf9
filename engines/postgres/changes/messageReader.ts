import { unreadable } from './unreadable';

/** Reads what a message of the output plugin is made of, one after the other; numbers are big-endian. */
export class MessageReader {
  private bytes: Buffer = Buffer.alloc(0);
  private end = 0;
  at = 0;

  load(bytes: Buffer, start: number, end: number): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    return this;
  }

  byte(): number {
    return this.bytes[this.pass(1)] as number;
  }

  uint16(): number {
    return this.bytes.readUInt16BE(this.pass(2));
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.pass(4));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.pass(4));
  }

  uint64(): bigint {
    return this.bytes.readBigUInt64BE(this.pass(8));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.pass(8));
  }

  /** A text in UTF-8 that a zero byte ends. */
  text(): string {
    const behind = this.bytes.indexOf(0, this.at);
    if (behind < 0 || behind >= this.end) throw cutShort();
    const text = this.bytes.toString('utf8', this.at, behind);
    this.at = behind + 1;
    return text;
  }

  skip(size: number): void {
    this.pass(size);
  }

  /** Nothing may be left of the message. */
  finish(): void {
    if (this.at !== this.end) throw unreadable('the change log', 'holds a message that goes on behind its end');
  }

  private pass(size: number): number {
    const { at } = this;
    this.at += size;
    if (this.at > this.end) throw cutShort();
    return at;
  }
}

export function cutShort(): Error {
  return unreadable('the change log', 'holds a message that ends too early');
}
