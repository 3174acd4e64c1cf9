import type { Lsn } from './lsn';
import type { MessageReader } from './messageReader';

/** The first byte of each message (manual, "Logical Replication Message Formats", protocol version 1). */
export const MESSAGE = {
  begin: 0x42,
  commit: 0x43,
  origin: 0x4f,
  relation: 0x52,
  type: 0x59,
  insert: 0x49,
  update: 0x55,
  delete: 0x44,
  truncate: 0x54,
  message: 0x4d,
} as const;

export interface CommitMessage {
  /** Behind the commit record. */
  readonly end: Lsn;
  /** In epoch milliseconds of the server's clock. */
  readonly committedAtMs: number;
}

export interface RelationMessage {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly RelationColumn[];
}

export interface RelationColumn {
  readonly name: string;
  /** Part of what identifies a row in the log: the key, or all columns under REPLICA IDENTITY FULL. */
  readonly identifies: boolean;
  readonly type: number;
  /** What limits the type, as pg_attribute.atttypmod has it. */
  readonly modifier: number;
}

export interface TypeMessage {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
}

export interface TruncateMessage {
  readonly cascades: boolean;
  readonly restartsIdentity: boolean;
  readonly relations: readonly number[];
}

/** The server counts microseconds from 2000-01-01 UTC. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** A moment as the server tells it, in epoch milliseconds with their fraction. */
export function momentMs(micros: bigint): number {
  return EPOCH_MS + Number(micros) / 1_000;
}

/** Each reads what follows a message's first byte. */
export function readCommit(reader: MessageReader): CommitMessage {
  reader.byte();
  // Where the commit record begins.
  reader.uint64();
  return { end: reader.uint64(), committedAtMs: momentMs(reader.int64()) };
}

/** Answers the origin's name. */
export function readOrigin(reader: MessageReader): string {
  reader.uint64();
  return reader.text();
}

export function readRelation(reader: MessageReader): RelationMessage {
  const id = reader.uint32();
  const schema = reader.text();
  const name = reader.text();
  // The kind of replica identity: the columns say what comes of it.
  reader.byte();
  const columns = Array.from({ length: reader.uint16() }, () => {
    const identifies = (reader.byte() & 1) === 1;
    return { name: reader.text(), identifies, type: reader.uint32(), modifier: reader.int32() };
  });
  // An empty name stands for pg_catalog.
  return { id, schema: schema === '' ? 'pg_catalog' : schema, name, columns };
}

export function readType(reader: MessageReader): TypeMessage {
  const id = reader.uint32();
  const schema = reader.text();
  return { id, schema: schema === '' ? 'pg_catalog' : schema, name: reader.text() };
}

export function readTruncate(reader: MessageReader): TruncateMessage {
  const count = reader.uint32();
  const options = reader.byte();
  const relations = Array.from({ length: count }, () => reader.uint32());
  return { cascades: (options & 1) === 1, restartsIdentity: (options & 2) === 2, relations };
}
