import type { GtidSet } from './gtidSet';
import type { LogPlace } from '../../../domain/position';

const COM_BINLOG_DUMP = 0x12;
const COM_BINLOG_DUMP_GTID = 0x1e;
/** What follows is a set of GTIDs. */
const THROUGH_GTID = 0x04;
/** Behind the mark that every file begins with. */
const FIRST_EVENT = 4;
const GTID_FORMAT_TAGGED = 1n;

/** Asks for the log from a place of a file on. (MySQL protocol: COM_BINLOG_DUMP) */
export function dumpFrom({ file, offset }: LogPlace, serverId: number): Buffer {
  const name = Buffer.from(file);
  const body = Buffer.alloc(11);
  body[0] = COM_BINLOG_DUMP;
  body.writeUInt32LE(offset, 1);
  body.writeUInt32LE(serverId, 7);
  return Buffer.concat([body, name]);
}

/** Asks MariaDB, whose session variable says from where. */
export function dumpFromState(serverId: number): Buffer {
  return dumpFrom({ file: '', offset: FIRST_EVENT }, serverId);
}

/** Asks MySQL for every transaction that is not in the set. (MySQL protocol: COM_BINLOG_DUMP_GTID) */
export function dumpBehind(set: GtidSet, serverId: number): Buffer {
  const encoded = encode(set);
  const body = Buffer.alloc(23);
  body[0] = COM_BINLOG_DUMP_GTID;
  body.writeUInt16LE(THROUGH_GTID, 1);
  body.writeUInt32LE(serverId, 3);
  // No file's name: a length of 0.
  body.writeBigUInt64LE(BigInt(FIRST_EVENT), 11);
  body.writeUInt32LE(encoded.length, 19);
  return Buffer.concat([body, encoded]);
}

/**
 * How many sources, then for each its uuid and how many intervals it has, their ends excluded. As soon as one has a tag,
 * each says its own, and the count says so (MySQL 8.3 and later). (MySQL: Gtid_set::encode)
 */
export function encode(set: GtidSet): Buffer {
  const sources = new Map<string, { uuid: string; tag: string; intervals: [first: bigint, last: bigint][] }>();
  for (const { uuid, tag, first, last } of set.intervals()) {
    const key = `${uuid}:${tag}`;
    const source = sources.get(key) ?? { uuid, tag, intervals: [] };
    source.intervals.push([first, last]);
    sources.set(key, source);
  }
  const isTagged = [...sources.values()].some(({ tag }) => tag !== '');
  const count = BigInt(sources.size);
  const parts = [uint64(isTagged ? (GTID_FORMAT_TAGGED << 56n) | (count << 8n) | GTID_FORMAT_TAGGED : count)];
  for (const { uuid, tag, intervals } of sources.values()) {
    parts.push(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
    if (isTagged) parts.push(Buffer.from([tag.length << 1]), Buffer.from(tag));
    parts.push(uint64(BigInt(intervals.length)));
    for (const [first, last] of intervals) parts.push(uint64(first), uint64(last + 1n));
  }
  return Buffer.concat(parts);
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
