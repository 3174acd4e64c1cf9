/** Every event begins with these. (MySQL: binlog-event.h, LOG_EVENT_HEADER_LEN) */
export const HEADER_BYTES = 19;
export const CHECKSUM_BYTES = 4;

/** The kinds of events that mean something here. (MySQL: Log_event_type; MariaDB: log_event.h) */
export const EVENT = {
  query: 2,
  stop: 3,
  rotate: 4,
  intvar: 5,
  rand: 13,
  userVar: 14,
  format: 15,
  xid: 16,
  beginLoadQuery: 17,
  executeLoadQuery: 18,
  tableMap: 19,
  writeRowsV1: 23,
  updateRowsV1: 24,
  deleteRowsV1: 25,
  incident: 26,
  heartbeat: 27,
  ignorable: 28,
  rowsQuery: 29,
  writeRows: 30,
  updateRows: 31,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  transactionContext: 36,
  viewChange: 37,
  xaPrepare: 38,
  partialUpdateRows: 39,
  transactionPayload: 40,
  heartbeatV2: 41,
  taggedGtid: 42,
  annotateRows: 160,
  binlogCheckpoint: 161,
  mariadbGtid: 162,
  gtidList: 163,
  startEncryption: 164,
  queryCompressed: 165,
  writeRowsCompressedV1: 166,
  updateRowsCompressedV1: 167,
  deleteRowsCompressedV1: 168,
  writeRowsCompressed: 169,
  updateRowsCompressed: 170,
  deleteRowsCompressed: 171,
} as const;

/** Whoever does not know the event may pass over it. */
const IGNORABLE_FLAG = 0x80;
/** Made up for this connection: it is in no file. */
const ARTIFICIAL_FLAG = 0x20;

export interface EventHeader {
  /** Epoch seconds. */
  readonly timestamp: number;
  /** The server_id of the server that made it. */
  readonly server: number;
  readonly type: number;
  readonly size: number;
  /** The lower 32 bits of where the event ends in its file; 0 when it is in none. */
  readonly endsAt: number;
  readonly ignorable: boolean;
  readonly artificial: boolean;
}

export function readHeader(bytes: Buffer, at: number): EventHeader {
  const flags = bytes.readUInt16LE(at + 17);
  return {
    timestamp: bytes.readUInt32LE(at),
    type: bytes[at + 4] as number,
    server: bytes.readUInt32LE(at + 5),
    size: bytes.readUInt32LE(at + 9),
    endsAt: bytes.readUInt32LE(at + 13),
    ignorable: (flags & IGNORABLE_FLAG) !== 0,
    artificial: (flags & ARTIFICIAL_FLAG) !== 0,
  };
}
