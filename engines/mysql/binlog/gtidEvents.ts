import type { MysqlGtid } from './gtidSet';
import type { MariadbGtid } from './mariadbGtids';
import { xidKey } from './xid';

/** Where the commit's time stands in a GTID event: behind flags, uuid, number, and what parallel appliers use. */
const COMMIT_TIME_AT = 1 + 16 + 8 + 1 + 8 + 8;

/** What the event in front of a transaction says. */
export interface TransactionStart {
  readonly gtid: { mysql: MysqlGtid } | { mariadb: MariadbGtid } | null;
  /** Epoch milliseconds; null when only the event's header tells, in seconds. */
  readonly committedAtMs: number | null;
  /** MariaDB begins transactions of more than one statement by this event alone. */
  readonly begins: boolean;
  /**
   * What follows may be rolled back in the log itself, wholly or to a savepoint, and nothing says so before: MariaDB
   * logs transactions that made or dropped a temporary table even then.
   */
  readonly mayBeUndone: boolean;
}

const MYSQL_START = { begins: false, mayBeUndone: false } as const;

/** GTID and ANONYMOUS_GTID events of MySQL. (MySQL: control_events.h, Gtid_event) */
export function readMysqlGtid(bytes: Buffer, start: number, end: number, isAnonymous: boolean): TransactionStart {
  const gtid = isAnonymous
    ? null
    : { mysql: { uuid: uuidText(bytes, start + 1), tag: '', number: bytes.readBigUInt64LE(start + 17) } };
  const at = start + COMMIT_TIME_AT;
  const committedAtMs = at + 7 <= end ? microseconds(bytes, at) / 1000 : null;
  return { gtid, committedAtMs, ...MYSQL_START };
}

/** 55 bits; the one above tells that the time of the first commit follows. */
function microseconds(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + (bytes.readUIntLE(at + 4, 3) & 0x7f_ffff) * 2 ** 32;
}

function uuidText(bytes: Buffer, at: number): string {
  return hyphenated(bytes.toString('hex', at, at + 16));
}

function hyphenated(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A flag of MariaDB's GTID event: the transaction is the one statement that follows. (MariaDB: log_event.h, Gtid_log_event) */
const STANDALONE = 0x01;

export function readMariadbGtid(bytes: Buffer, start: number, server: number): TransactionStart {
  const flags = bytes[start + 12] as number;
  return {
    gtid: { mariadb: { domain: bytes.readUInt32LE(start + 8), server, sequence: bytes.readBigUInt64LE(start) } },
    committedAtMs: null,
    begins: (flags & STANDALONE) === 0,
    mayBeUndone: (flags & STANDALONE) === 0,
  };
}

/** XA_PREPARE: the end of a prepared transaction; or of one that is committed with it. */
export function readXaPrepare(bytes: Buffer, start: number): { onePhase: boolean; xid: string } {
  const format = bytes.readInt32LE(start + 1);
  const global = bytes.readInt32LE(start + 5);
  const branch = bytes.readInt32LE(start + 9);
  const at = start + 13;
  return {
    onePhase: bytes[start] !== 0,
    xid: xidKey(
      bytes.toString('hex', at, at + global),
      bytes.toString('hex', at + global, at + global + branch),
      format,
    ),
  };
}
