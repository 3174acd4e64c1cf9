import type { KeyRange } from '../domain/keys';
import type { TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import type { RowKey } from '../domain/rowKey';
import type { CellFormat, RowSink, RunKey } from './engine';

/** The server process that works for a lane, and when it started; no other attempt of the lane has the same. */
export type LaneProcess = RunKey & { readonly lane: string; readonly pid: number; readonly start: string };

export interface CopyLane extends AsyncDisposable {
  readonly process: LaneProcess;
  /** Begins a transaction, fences it with the epoch, and claims a chunk nobody holds; null when none is left. */
  claim(tables: readonly string[]): Promise<ClaimedChunk | null>;
  /** Compiles what writes rows of a table, for the columns in plan order. */
  writer(plan: TablePlan, cells: readonly CellFormat[]): RowWriter;
  /**
   * Marks the chunk done and commits: its rows, those that were rejected, and the progress together. Errors:
   * ROW_REJECTED when more rows of the run are rejected than the limit allows; then nothing of the chunk is committed.
   * `readAt` is kept with them: the position at which a table without a key was read.
   */
  commit(
    chunk: ClaimedChunk,
    rows: number,
    bytes: number,
    rejections?: Rejections,
    readAt?: Position | null,
  ): Promise<void>;
  /** Begins a transaction, fences it, and holds a chunk that has rejected rows of these tables; null when none has. */
  reopen(tables: readonly string[], after: ClaimedChunk | null): Promise<ReopenedChunk | null>;
  /**
   * Adds the rows that were written (`copied` has their digests), notes the new reasons of those that were rejected
   * again, and commits. Rows that the source did not send any more stay rejected as they were.
   */
  commitAgain(
    chunk: ReopenedChunk,
    copied: ReadonlySet<string>,
    rows: number,
    bytes: number,
    rejected: readonly RejectedRow[],
  ): Promise<void>;
  rollback(): Promise<void>;
}

/** The rows of a chunk that the target cannot hold, and how many of all chunks may be. */
export interface Rejections {
  readonly rows: readonly RejectedRow[];
  readonly limit: number;
}

/** A row that the target cannot hold, as it is kept for a person. */
export interface RejectedRow {
  /** In canonical text; null for a table without a key, or where the key's text cannot be told. */
  readonly key: RowKey | null;
  readonly column: string;
  readonly reason: string;
  /** The row's cells as text, by column; bytes in hex, long ones cut. */
  readonly row: Readonly<Record<string, string | null>>;
  /** The SHA-256 of its cells as the source sent them, in hex: which row it is, with a key or without. */
  readonly digest: string;
}

/** A chunk that is copied but for some rows, which are tried again. */
export interface ReopenedChunk extends ClaimedChunk {
  /** The digests of its rejected rows. */
  readonly rejected: ReadonlySet<string>;
}

export interface ClaimedChunk {
  readonly table: string;
  readonly ordinal: number;
  readonly range: KeyRange;
}

/** What a lane has written of a chunk that is not committed yet. */
export interface InHand {
  readonly table: string;
  readonly ordinal: number;
  readonly rows: number;
  readonly bytes: number;
}

/** Writes one chunk's rows inside the lane's transaction. A row that cannot be stored throws RejectedValue from `row`. */
export interface RowWriter extends RowSink {
  /** Starts the stream; call once a chunk. */
  begin(): Promise<void>;
  /** Ends the stream; answers the rows the server took. */
  end(): Promise<number>;
  /** Bytes handed to the server since begin. */
  readonly bytes: number;
  /** Gives up the stream after an error; the transaction is then only good for rollback. */
  abort(): Promise<void>;
}
