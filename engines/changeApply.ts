import type { TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import type { RowKey } from '../domain/rowKey';
import type { CellFormat, RejectedValue } from './engine';

/**
 * How far a stream has been applied: every transaction up to `position`, and of the one behind it the first `within`
 * changes of streamed tables. Large transactions are applied in parts.
 */
export interface AppliedPosition {
  readonly position: Position;
  readonly within: number;
}

/** A row kept beyond the source's buffer: `cells` as in RowSink, of the columns that were kept. */
export interface KeptRow {
  readonly bytes: Buffer;
  readonly cells: Int32Array;
}

/** A table whose changes are applied. */
export interface AppliedTable {
  readonly plan: TablePlan;
  /** How the source sends each planned column. */
  readonly formats: readonly CellFormat[];
}

/** What a batch makes of one table. */
export interface TableChanges {
  /** The table's place in the list that the applier was opened with. */
  readonly table: number;
  /**
   * The key of every row that may be stored as it was before, with the cells of the key's columns alone. Of a table
   * without a key whole rows: for each of them one of the stored rows that hold the same is to go, and there is one.
   */
  readonly gone: readonly KeptRow[];
  /** The rows there are in the end; of a table without a key those that there are more, each as often. */
  readonly rows: readonly KeptRow[];
}

/** What a batch removes or moves in a table that others refer to, where the log does not tell what became of those. */
export interface Cascade {
  /** As in TableChanges. */
  readonly table: number;
  /** Whole rows as they were, each with what became of it; null where it was deleted. */
  readonly changes: readonly { readonly before: KeptRow; readonly after: KeptRow | null }[];
}

/** Net changes that can be made at once, and what follows from them. */
export interface ChangeStep {
  readonly tables: readonly TableChanges[];
  /** What foreign keys do in consequence, after the changes; null where the log has it, or there is none. */
  readonly cascade: Cascade | null;
}

/** Changes of one or more source transactions, or of a part of one. */
export interface ChangeBatch {
  /** Where the stream stands; nothing is applied when it stands elsewhere. */
  readonly from: AppliedPosition;
  readonly to: AppliedPosition;
  /** When the source committed the last transaction of the batch, in epoch milliseconds of its clock; null for none. */
  readonly committedAtMs: number | null;
  /** How many changes of the source it is the net effect of. */
  readonly changes: number;
  /** In the source's order. */
  readonly steps: readonly ChangeStep[];
  /** Names of keys that nobody refers to any more, to be kept; see `vacated`. */
  readonly vacated: readonly string[];
  /**
   * Rows as the source has them now, after everything else, and its position after they were read: the stream's new
   * `high`. Null where none had to be read.
   */
  readonly refreshed: { readonly tables: readonly TableChanges[]; readonly high: Position } | null;
}

/** What others ask of a stream through the control schema. */
export interface StreamOrders {
  /** Where to end once it is reached: everything that was written up to the freeze; null while there is no freeze. */
  readonly stop: Position | null;
}

/**
 * The target's end of a change stream. Two attempts of one stream never work at once, as lanes do not. Foreign keys and
 * triggers must not exist on the tables meanwhile, primary keys must.
 */
export interface ChangeApplier extends AsyncDisposable {
  /** Where the stream stands. */
  applied(): Promise<AppliedPosition>;
  orders(): Promise<StreamOrders>;
  /** Which of these names batches have had in `vacated`. */
  vacated(names: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Applies a batch and moves the position in one transaction. Errors: EPOCH_STALE; STREAM_MOVED when the stream stands
   * elsewhere than `from`; ROW_MISSING for a row of a table without a key that is to go and is not stored; RejectedChange for a value that the target cannot hold; those of a connection. After an error
   * nothing of the batch is applied.
   */
  apply(batch: ChangeBatch): Promise<StreamOrders>;
}

/** A value of a change that the target cannot hold unchanged; an applier throws it. */
export class RejectedChange extends Error {
  constructor(
    readonly rejected: RejectedValue,
    /** As in TableChanges. */
    readonly table: number,
    readonly row: KeptRow,
  ) {
    super(rejected.message);
    this.name = 'RejectedChange';
  }
}

/** A stream's state in the control schema. */
export interface StreamState {
  readonly applied: AppliedPosition;
  /** From here on the target holds exactly what the source held: before it, rows may have been copied later than that. */
  readonly high: Position;
  readonly stop: Position | null;
  /** When the source committed what was applied last, in epoch milliseconds of its clock; null before the first. */
  readonly committedAtMs: number | null;
}

/** Streams in the control schema, each by its run and its name. */
export interface StreamStore {
  /** Notes where a stream begins, unless it has begun. */
  beginStream(runId: string, stream: string, from: Position, high: Position): Promise<void>;
  /** Null before it has begun. */
  loadStream(runId: string, stream: string): Promise<StreamState | null>;
  /** Has the stream end once everything up to here is applied; null takes that back. */
  orderStop(runId: string, stream: string, stop: Position | null): Promise<void>;
}

/** What a comparison under writes left open. */
export interface UnsettledStore {
  /** Keys of a table's rows that never rested while they were compared, instead of those kept before. */
  saveUnsettled(runId: string, table: string, keys: readonly RowKey[]): Promise<void>;
  loadUnsettled(runId: string, table: string): Promise<RowKey[]>;
}
