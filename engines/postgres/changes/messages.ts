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
  /** Whether REPLICA IDENTITY is FULL: every change has the old row whole. */
  readonly isWhole: boolean;
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

/** As pg_class.relreplident has it. */
const FULL_IDENTITY = 0x66;

/** The server counts microseconds from 2000-01-01 UTC. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** A moment as the server tells it, in epoch milliseconds with their fraction. */
export function momentMs(micros: bigint): number {
  return EPOCH_MS + Number(micros) / 1_000;
}

// Each of these reads what follows a message's first byte, and nothing may be left behind it.

/** Where the transaction will end, and when and as what it began, come with its end again, or do not matter. */
export function readBegin(reader: MessageReader): void {
  reader.skip(8 + 8 + 4);
  reader.finish();
}

export function readCommit(reader: MessageReader): CommitMessage {
  // Flags, and where the commit record begins.
  reader.skip(1 + 8);
  const read = { end: reader.uint64(), committedAtMs: momentMs(reader.int64()) };
  reader.finish();
  return read;
}

/** Answers the origin's name. */
export function readOrigin(reader: MessageReader): string {
  reader.skip(8);
  const name = reader.text();
  reader.finish();
  return name;
}

export function readRelation(reader: MessageReader): RelationMessage {
  const id = reader.uint32();
  const schema = schemaOf(reader);
  const name = reader.text();
  const isWhole = reader.byte() === FULL_IDENTITY;
  const columns = Array.from({ length: reader.uint16() }, () => {
    const identifies = (reader.byte() & 1) === 1;
    return { name: reader.text(), identifies, type: reader.uint32(), modifier: reader.int32() };
  });
  reader.finish();
  return { id, schema, name, isWhole, columns };
}

export function readType(reader: MessageReader): TypeMessage {
  const read = { id: reader.uint32(), schema: schemaOf(reader), name: reader.text() };
  reader.finish();
  return read;
}

/** An empty name stands for pg_catalog. */
function schemaOf(reader: MessageReader): string {
  const schema = reader.text();
  return schema === '' ? 'pg_catalog' : schema;
}

export function readTruncate(reader: MessageReader): TruncateMessage {
  const count = reader.uint32();
  const options = reader.byte();
  const relations = Array.from({ length: count }, () => reader.uint32());
  reader.finish();
  return { cascades: (options & 1) === 1, restartsIdentity: (options & 2) === 2, relations };
}

/** What somebody has written into the log with pg_logical_emit_message. */
export function readMessage(reader: MessageReader): void {
  // Flags, and where it lies.
  reader.skip(1 + 8);
  reader.text();
  reader.skip(reader.uint32());
  reader.finish();
}
