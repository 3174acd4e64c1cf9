import type { TableLimits } from '../domain/columnLimits';
import type { Finding } from '../domain/finding';
import type { FreezeMode } from '../domain/freeze';
import type { PlannedTable, TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import type { AppliedTable, CellFormat, ChangeApplier, ChangeStream, RunKey, RunWork, StreamStore } from './engine';

/** How much of its log a target keeps because a stream has not confirmed it. */
export interface KeptLog {
  /** Bytes that the server cannot give back to the disk. */
  readonly bytes: number;
  /** Bytes that may still be written before the server gives the log up by itself; null where it sets no limit. */
  readonly safeBytes: number | null;
  /** True when what was not confirmed can be read no more: the way back has lost changes. */
  readonly isLost: boolean;
}

/**
 * What the application writes on a target, told by a log that is kept for one stream: first `publish`, then `start`; in
 * the end `drop`. Opens a connection for each call; calls may come at the same time.
 */
export interface TargetChanges extends ChangeStream {
  /** What keeps the log from being followed: rights that the login lacks, settings. Changes nothing. */
  obstacles(): Promise<Finding[]>;
  /** How the cells of each column come, in plan order. The table is of a plan of the way back. */
  cellFormats(table: PlannedTable): CellFormat[];
  /** Has the tables' changes logged whole. Idempotent; what it changes is in the rollback log. Errors: PRIVILEGE_MISSING; EPOCH_STALE. */
  publish(tables: readonly PlannedTable[]): Promise<void>;
  /**
   * Has tables refuse what the source could not take back, so that the application hears of it, and not the stream.
   * Idempotent; in the rollback log. Errors: EPOCH_STALE.
   */
  limit(limits: readonly TableLimits[]): Promise<void>;
  confirm(position: Position): void;
  /** Behind everything that is committed by now; the stream gets there although nobody writes any more. */
  end(): Promise<Position>;
  /** Null when no log is kept. */
  kept(): Promise<KeptLog | null>;
  /**
   * Gives up a log that holds back more than so many bytes, rather than fill the target's disk: then the stream ends
   * with POSITION_LOST, and nobody can go back without loss. Answers how it stands then; null when none is kept.
   */
  capKept(mostBytes: number): Promise<KeptLog | null>;
  /** Keeps the log no more, and takes back what `publish` and `limit` changed. Safe to repeat. Errors: SERVER_BUSY. */
  drop(): Promise<void>;
}

/**
 * A source that takes back what was written on the target, into the tables that it has. Its streams are kept in a
 * control schema of its own, beside the data they change. Opens a connection for each call.
 */
export interface TakesBack extends StreamStore {
  /**
   * What stands in the way behind a freeze of this kind: rights that the login lacks, settings, tables that cannot take
   * changes back. Changes nothing. `tables` are of a plan of the way back.
   */
  obstacles(tables: readonly TablePlan[], freeze?: FreezeMode): Promise<Finding[]>;
  /** What these tables refuse and the target's do not, as far as it can be said; of plans of the migration. */
  limits(tables: readonly PlannedTable[]): Promise<TableLimits[]>;
  /** Makes the control schema, unless it is there, for a run; before the freeze. Errors: PRIVILEGE_MISSING. */
  prepare(run: RunKey): Promise<void>;
  /**
   * The source's end of the stream that the work's lane names. Errors: EPOCH_STALE; PRIVILEGE_MISSING; PLAN_CHANGED for a
   * table that is not as planned; WAY_BACK_BLOCKED for one that cannot take changes back.
   */
  openApplier(work: RunWork, tables: readonly AppliedTable[]): Promise<ChangeApplier>;
  /**
   * Ends the appliers of a run's streams and forgets these; with the last run of the server the control schema goes, too.
   * Safe to repeat, and without effect where nothing was prepared.
   */
  drop(run: RunKey): Promise<void>;
}
