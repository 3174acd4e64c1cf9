import type { Lsn } from './lsn';

/** Streaming replication protocol (manual, same title): the first byte of each message inside a CopyData. */
export const WAL_DATA = 0x77;
export const KEEPALIVE = 0x6b;

/** Of WAL_DATA: type, where the data begin, where the server's log ends, the server's clock. */
export const WAL_DATA_HEADER = 25;

const COPY_DATA = 0x64;
const STATUS = 0x72;
const COPY_HEADER_BYTES = 5;
const STATUS_BYTES = 34;
/** 2000-01-01 UTC, from which the protocol counts microseconds. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

export interface Keepalive {
  /** Everything up to here has been sent. */
  readonly sent: Lsn;
  readonly wantsAnswer: boolean;
}

export function readKeepalive(bytes: Buffer): Keepalive {
  return { sent: bytes.readBigUInt64BE(1), wantsAnswer: bytes[17] === 1 };
}

/** What a standby status update says. */
export interface Status {
  readonly received: Lsn;
  /** What the server may forget; 0 says nothing. */
  readonly confirmed: Lsn;
  readonly asksForAnswer: boolean;
}

/** A standby status update, as a whole CopyData message. */
export function writeStatus({ received, confirmed, asksForAnswer }: Status): Buffer {
  const message = Buffer.alloc(COPY_HEADER_BYTES + STATUS_BYTES);
  message[0] = COPY_DATA;
  message.writeInt32BE(message.length - 1, 1);
  message[5] = STATUS;
  message.writeBigUInt64BE(received, 6);
  message.writeBigUInt64BE(confirmed, 14);
  message.writeBigUInt64BE(confirmed, 22);
  message.writeBigInt64BE(BigInt(Date.now() - EPOCH_MS) * 1_000n, 30);
  message[38] = asksForAnswer ? 1 : 0;
  return message;
}
