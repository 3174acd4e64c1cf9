import type { Alteration, DeclaredColumn } from '../domain/alteration';
import type { Column } from '../domain/catalog';
import type { HeldLog } from '../domain/logRetention';
import type { PlannedTable } from '../domain/plan';
import type { Position } from '../domain/position';

/** A cell that is NULL has this start. */
export const NULL_CELL = -1;
/** A cell that the log leaves out because the change did not touch it has this start; its value is the stored one. */
export const UNCHANGED_CELL = -2;

/**
 * One row's change. `before` and `after` hold start and end (exclusive) of each planned column in `bytes`, as RowSink's
 * cells do, and in the source's own CellFormats: a value out of the log and the same value out of a SELECT are the same
 * bytes. An insert has no `before`, a delete no `after`. All of it, the object too, is lent until the call returns.
 */
export interface RowChange {
  kind: 'insert' | 'update' | 'delete';
  /** The table's place in the list that was asked for. */
  table: number;
  bytes: Buffer;
  before: Int32Array | null;
  after: Int32Array | null;
  /** Whether the log also holds what foreign keys did to other rows because of this change. */
  cascadesLogged: boolean;
}

/** Where a transaction ends. Lent until the call returns. */
export interface TransactionEnd {
  /** Everything up to here has been told; made only when asked for. */
  position(): Position;
  /** When the source committed it, in epoch milliseconds of the source's clock, as exact as the log says. */
  readonly committedAtMs: number;
}

/** A statement that changed a table which is streamed; the stream has ended in front of it. */
export interface SchemaChange {
  /** In front of the statement, and of the transaction that it is part of. */
  readonly position: Position;
  /** Behind it: where to go on once the target has the change, too. */
  readonly behind: Position;
  readonly statement: string;
  /** Source names of the streamed tables it may change. */
  readonly tables: readonly string[];
}

/**
 * Receives a source's committed changes in the order in which they were committed. Between `begin` and `end` come the
 * changes of one transaction, none where it touched no table that was asked for. However the stream ends, a `begin`
 * that no `end` has followed counts for nothing: its changes come again, in the same order, from the position before it.
 */
export interface ChangeSink {
  /** `from` is where the stream stands in front of the transaction, made only when asked for. */
  begin(from: () => Position): void;
  change(change: RowChange): void;
  end(transaction: TransactionEnd): void;
  /** The log has nothing more at present, which is told again and again; `position` as in TransactionEnd. */
  idle(position: () => Position): void;
  /** Asked after each of the calls above: a promise when the source must stop until it resolves; null when it may go on. */
  pressure(): Promise<void> | null;
}

export interface StreamRequest {
  readonly tables: readonly PlannedTable[];
  /** Behind the last transaction that is not wanted any more. */
  readonly from: Position;
  readonly signal: AbortSignal;
}

/** Understands what the statements of schema changes do to the columns of a table. */
export interface AlterationReader {
  /** Null for a statement that does anything else, or of which it is not certain. Pure. */
  read(statement: string): Alteration | null;
  /** Whether the source's column has the type that was declared. Pure. */
  declares(declared: DeclaredColumn, column: Column): boolean;
}

/** The change log of a source, read over connections of its own: other methods of the source may run meanwhile. */
export interface ChangeStream {
  /**
   * A position from which every change is told that a read which begins later does not see. Waits so long for
   * transactions that stand between. Errors: PRIVILEGE_MISSING; SERVER_BUSY; POSITION_LOST where there is no log.
   */
  start(patienceMs: number): Promise<Position>;
  /**
   * Tells every change behind `from` until a schema change, which it answers, or until the signal aborts (rejects with
   * its reason). The caller begins anew, from the last position it has kept, after CONNECTION_LOST. What the sink throws
   * comes out as it is. Errors: POSITION_LOST when the log no longer reaches back to `from`, or the server is another
   * one; LOG_UNREADABLE for what would lose data (partial row images, statements instead of rows for a table that is
   * streamed, a table that is not as planned); those of a connection.
   */
  stream(request: StreamRequest, sink: ChangeSink): Promise<SchemaChange>;
  /**
   * Everything up to here is applied for good: the source need not keep it any more, and nobody can ask for it again.
   * Never said of what is applied in part. Absent where a source keeps its log by its own rules.
   */
  confirm?(position: Position): void;
  /**
   * What the source still has of its log behind a position. Absent where a source keeps what was not confirmed. Errors:
   * PRIVILEGE_MISSING; those of a connection.
   */
  held?(position: Position): Promise<HeldLog>;
  /** Absent where the log has no statements. */
  readonly alterations?: AlterationReader;
  /**
   * Whether everything up to `other` has been told once `position` is reached. Pure. Errors: POSITION_LOST when they are
   * of different servers or kinds, so that nothing can be said.
   */
  contains(position: Position, other: Position): boolean;
}
