import type { CanonicalType } from '../domain/canonicalType';
import type { Catalog, Table, TableFacts } from '../domain/catalog';
import type { DatabaseSettings } from '../domain/connection';
import type { Finding } from '../domain/finding';
import type { FreezeMode, FreezeState } from '../domain/freeze';
import type { KeyBound, KeyRange } from '../domain/keys';
import type {
  BuildStep,
  PlannedColumn,
  PlannedForeignKey,
  PlannedTable,
  TablePlan,
  TargetDdl,
  TargetGrant,
} from '../domain/plan';
import type { FormerNames } from '../domain/planning/planAlteration';
import type { NameRules } from '../domain/planning/identifiers';
import type { StoredTables } from '../domain/planning/matchTarget';
import type { Position } from '../domain/position';
import type { RowKey } from '../domain/rowKey';
import type { AppliedTable, ChangeApplier, StreamStore, UnsettledStore } from './changeApply';
import type { ChangeStream } from './changeStream';
import type { LaneProcess, CopyLane, RejectedRow, InHand } from './copyLane';
import type { ProposedChange, TableChange } from './tableChange';
import type { ServerLoad } from './serverLoad';
import type { TargetBackup } from './targetBackup';
import type { TargetWatch } from './targetWatch';
import type { Verifiable } from './verifiable';
import type { TakesBack, TargetChanges } from './wayBack';

/**
 * What a database must be able to do to be a source or a target. This file is all the pipeline and the activities know
 * of an engine; engines/registry.ts lists who implements it.
 *
 * An opened source or target is one logical user of the server: its methods are called one at a time unless the method
 * says otherwise, and `[Symbol.asyncDispose]` closes every connection it opened.
 */
export interface Engine {
  openSource?(settings: DatabaseSettings): Promise<Source>;
  openTarget?(settings: DatabaseSettings): Promise<Target>;
}

export type { FreezeState };
export type {
  LaneProcess,
  CopyLane,
  Rejections,
  RejectedRow,
  ReopenedChunk,
  ClaimedChunk,
  InHand,
  RowWriter,
} from './copyLane';
export type { BackupLane, BackupPrograms, BackupTest, TargetBackup } from './targetBackup';
export type { ChangeStatement, ProposedChange, TableChange } from './tableChange';
export type { TargetWatch } from './targetWatch';
export type { VerificationPart, BucketDigest, RowDigest, CanonicalRow, RowsRequest, Verifiable } from './verifiable';
export type { Replication, ServerLoad } from './serverLoad';
export { NULL_CELL, UNCHANGED_CELL } from './changeStream';
export type {
  AlterationReader,
  ChangeSink,
  ChangeStream,
  RowChange,
  SchemaChange,
  StreamRequest,
  TransactionEnd,
} from './changeStream';
export { RejectedChange } from './changeApply';
export type { KeptLog, TakesBack, TargetChanges } from './wayBack';
export type {
  AppliedPosition,
  AppliedTable,
  Cascade,
  ChangeApplier,
  ChangeBatch,
  ChangeStep,
  KeptRow,
  StreamOrders,
  StreamState,
  StreamStore,
  UnsettledStore,
  TableChanges,
} from './changeApply';

export interface ServerIdentity {
  /** E.g. `MySQL 9.7.0`, `MariaDB 10.11.11`, `PostgreSQL 18.4`. */
  readonly version: string;
  /** The same for two connections exactly when they reach the same database of the same server. */
  readonly id: string;
}

// ---------------------------------------------------------------------------------------------------------------
// The row path

/**
 * How a source hands over the bytes of one column's cells. The target compiles an encoder for each (CellFormat,
 * CanonicalType) pair; no other knowledge crosses between the engines.
 */
export type CellFormat =
  /** ASCII digits with an optional leading minus. */
  | { readonly kind: 'integer' }
  /** ASCII decimal number without exponent. */
  | { readonly kind: 'decimal' }
  /** ASCII floating-point number that reads back as exactly the double meant, perhaps with an exponent. */
  | { readonly kind: 'double' }
  /** Big-endian bytes, ceil(length / 8) of them, the value right-aligned. */
  | { readonly kind: 'bits'; readonly length: number }
  /** Text in a character set named as the source names it (`utf8mb4`, `latin1`, `gbk` …). */
  | { readonly kind: 'text'; readonly charset: string }
  /**
   * ASCII digits: the label's place in the list, from 1. 0 is the error value, which stands for no label. Of the `unread`
   * ones the text is not known for certain.
   */
  | { readonly kind: 'enum'; readonly labels: readonly string[]; readonly unread?: readonly number[] }
  | { readonly kind: 'bytes' }
  /** JSON text in UTF-8. */
  | { readonly kind: 'json' }
  /** `YYYY-MM-DD`; zero and partial dates come as they are (`0000-00-00`, `2000-01-00`). */
  | { readonly kind: 'date' }
  /** `YYYY-MM-DD HH:MM:SS[.ffffff]`; zero and partial dates come as they are. */
  | { readonly kind: 'timestamp' }
  /** `[-]HHH:MM:SS[.ffffff]`. */
  | { readonly kind: 'time' }
  /** The 36-character form. */
  | { readonly kind: 'uuid' }
  /** The address as text. */
  | { readonly kind: 'inet' };

/**
 * Receives rows, synchronously, straight from a source's network buffer. `cells` holds start and end (exclusive) of
 * each column in `bytes`; a start of -1 is NULL. `cells` is reused after the call, `bytes` once `pressure` lets the reader
 * go on: until then a sink may still be sending from that memory.
 */
export interface RowSink {
  row(bytes: Buffer, cells: Int32Array): void;
  /** A promise when the reader must stop until it resolves; null when it may go on. */
  pressure(): Promise<void> | null;
}

export interface ReadRequest {
  readonly table: PlannedTable;
  readonly range: KeyRange;
  readonly signal: AbortSignal;
}

// ---------------------------------------------------------------------------------------------------------------
// Looking at a server from outside

/** Questions whose answers mean something only beside the worker's clock or another server. They change nothing. */
export interface Probe {
  /** The smallest statement there is. */
  ping(): Promise<void>;
  /** Reads about so many bytes that the server makes up; answers how many came. */
  readGenerated(bytes: number): Promise<number>;
  /** The server's clock, in epoch milliseconds. */
  clockMs(): Promise<number>;
  /** How far the local time of a session that sets no time zone is ahead of UTC, in minutes. */
  utcOffsetMinutes(): Promise<number>;
}

/** A folder as its server sees it. Another folder of the same path on another machine has other times. */
export interface ServerFolder {
  readonly path: string;
  /** When something was last made or removed in it, in whole epoch seconds. */
  readonly modifiedSeconds: number;
}

// ---------------------------------------------------------------------------------------------------------------
// Source

export interface Source extends AsyncDisposable, Verifiable {
  readonly probe: Probe;
  readonly load: ServerLoad;
  /** Absent where this engine's change log cannot be read. */
  readonly changes?: ChangeStream;
  /** Absent where this engine cannot take back what was written on the target. */
  readonly takesBack?: TakesBack;
  identity(): Promise<ServerIdentity>;
  /**
   * Everything about the server and the login that could fail later, with a freeze of this kind, or none where somebody
   * else sees to it. `live` is for a migration that follows its log: what that cannot do without blocks. Changes nothing.
   * A check that cannot be made is a finding.
   */
  preflight(freeze?: FreezeMode | 'none', live?: boolean): Promise<Finding[]>;
  /** The schema of the connection's database; base tables only in `tables`. */
  introspect(): Promise<Catalog>;
  /** What the data proves about a table: an exact count, and facts for the columns and keys that need them. */
  profile(table: Table, signal: AbortSignal): Promise<TableFacts>;
  /** Keys that cut the table into chunks of about `rowsPerChunk`, ascending in the source's order; may be empty. */
  chunkBounds(table: PlannedTable, rowsPerChunk: number, signal: AbortSignal): Promise<KeyBound[]>;
  /** How the cells of each planned column will come, in plan order. */
  cellFormats(table: PlannedTable): CellFormat[];
  /** Reads the rows of a range into the sink; answers how many. Flat memory whatever the size of table and values. */
  copyRows(request: ReadRequest, sink: RowSink): Promise<number>;
  /**
   * As copyRows, of a whole transactional table as it is at one position of the log: what a transaction up to there did to
   * it is in the rows, and nothing of a later one. Nobody else need rest meanwhile but for the moment that it takes to say
   * where that is. Absent where this engine's change log cannot be read. Errors: SERVER_BUSY when that moment does not come.
   */
  copyAtPosition?(request: ReadRequest, sink: RowSink): Promise<{ readonly rows: number; readonly position: Position }>;
  /**
   * From here on every row is read as of this moment, whoever writes meanwhile, one statement at a time; only those of
   * tables that are not transactional are read as they are then. Locks nothing beyond the statement that reads. When
   * the connection is lost the moment is, and every later read fails with CONNECTION_LOST.
   */
  holdMoment(): Promise<void>;
  position(): Promise<Position>;
  /**
   * What a freeze of this kind will change, as it is now: settings of the server, or accounts and their grants. Recorded
   * by the caller before freeze, so that a crash in between loses nothing; says to freeze and unfreeze which kind it is.
   */
  freezeSettings(mode?: FreezeMode): Promise<Readonly<Record<string, string>>>;
  /**
   * Stops every write of the application. Idempotent; `found` is what freezeSettings answered before the first attempt:
   * a source that was read-only by itself then is left so, and undoing leaves it so too.
   * Waits at most `patienceMs` for open transactions; then undoes what it did and fails, naming who holds it up.
   */
  freeze(patienceMs: number, found: Readonly<Record<string, string>>): Promise<FreezeState>;
  /** What a person would run on the source to undo a freeze that found this, in the order of making. Pure. */
  unfreezeByHand(found: Readonly<Record<string, string>>): UndoByHand[];
  /** Undoes freeze, whoever made it; safe to repeat. */
  unfreeze(found: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Has a source that a freeze stopped take what this login writes, and nothing from anybody else, also where a restart
   * of it has ended the freeze. Behind the commit point alone; idempotent. `found` is as in freeze.
   */
  admitOwnWrites(found: Readonly<Record<string, string>>): Promise<void>;
  /** Fails with FREEZE_LOST unless the source has been frozen without a gap since `state`, or nothing was written in it. */
  checkFrozen(state: FreezeState): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------------
// Target

export interface Target extends AsyncDisposable, Verifiable {
  readonly control: ControlStore;
  readonly probe: Probe;
  /** Absent where this engine has no backup. */
  readonly backup?: TargetBackup;
  identity(): Promise<ServerIdentity>;
  /**
   * Everything about the server, the login, the schema and the roles that could fail later. Changes nothing. A check
   * that cannot be made is a finding.
   */
  preflight(schema: string, grants?: readonly TargetGrant[]): Promise<Finding[]>;
  /** The folder that holds the tables, for a worker on the same machine to measure; null where the login may not know. */
  dataFolder(): Promise<ServerFolder | null>;
  /** The target's rules for names, needed while planning. */
  readonly names: TargetNames;
  /** Reads a type as the mapping spells it; null when this target cannot write it. */
  parseType(spelling: string): CanonicalType | null;
  /** The target's SQL for a planned table and those who may use it, and what it could not say. Pure. */
  translate(table: PlannedTable, grants?: readonly TargetGrant[]): { ddl: TargetDdl; findings: Finding[] };
  /** The table's foreign keys as steps that do not look at its rows, and those that do, later. Pure. */
  foreignKeySteps(table: PlannedTable): { readonly add: readonly BuildStep[]; readonly check: readonly BuildStep[] };
  /** Objects of the schema that a planned table or type of these would clash with. */
  existing(plans: readonly TablePlan[]): Promise<Finding[]>;
  /** The tables and views of a schema that have these names, as they are, whoever made them. */
  storedTables(schema: string, tables: readonly string[]): Promise<StoredTables>;
  /** Runs the steps not yet done, each in a transaction with its entry in the rollback log. Idempotent. */
  run(
    work: RunWork,
    steps: readonly { readonly plan: TablePlan; readonly step: BuildStep }[],
    onStep: () => void,
  ): Promise<void>;
  /**
   * Starts a copy over: empties the tables, marks every chunk as not copied, and removes what was built on the tables.
   * Idempotent. Errors: EPOCH_STALE when the run is not open, because it has begun to copy again, or is the truth.
   */
  emptyTables(run: RunKey, plans: readonly TablePlan[]): Promise<void>;
  /**
   * Takes back what is made in the cutover of a live migration: foreign keys, and the counters of numbered columns, which
   * are set anew by the next. Idempotent. Errors: as emptyTables.
   */
  undoCutover(run: RunKey): Promise<void>;
  /**
   * Drops what appliers of the run have made to find rows of tables without a key. Whoever opens one again has it made
   * anew. Idempotent. Errors: EPOCH_STALE.
   */
  dropStreamIndexes(work: RunWork): Promise<void>;
  /**
   * Removes everything the run's rollback log lists, newest first, and nothing else. Idempotent. Errors: EPOCH_STALE when
   * the run is neither open nor aborted.
   */
  dropMade(run: RunKey): Promise<void>;
  /**
   * Makes the plans' grants on the run's tables. Idempotent; each is in the rollback log. Errors: EPOCH_STALE unless the run
   * is the truth: before the commit point nobody else may write to the target.
   */
  grantAccess(run: RunKey, plans: readonly TablePlan[]): Promise<void>;
  /**
   * Has the run's tables refuse every write from now on, whoever's: what was committed before is all there is. Idempotent.
   * Errors: EPOCH_STALE unless the run is the truth; SERVER_BUSY while a transaction that has written stays open.
   */
  refuseWrites(run: RunKey, plans: readonly TablePlan[]): Promise<void>;
  /** After a rollback behind the switch: takes the grants away, keeps the tables, with what was written to them, in a schema of their own; answers its name. */
  setAside(run: RunKey): Promise<string>;
  /** Has the table's columns admit NULL, by their target names; safe to repeat. */
  admitNulls(table: PlannedTable, columns: readonly string[]): Promise<void>;
  /** Makes a schema of the run's own; false when there is one of that name that the run did not make. Idempotent. */
  makeSchema(work: RunWork, schema: string): Promise<boolean>;
  /**
   * The values by which a table's rows refer to rows that the other table does not hold, as canonical text in the order
   * of the key's columns: the next so many after some. `tables` are where the rows are, the referring one first.
   */
  missingReferences(
    tables: readonly [from: PlannedTable, to: PlannedTable],
    key: PlannedForeignKey,
    after: readonly string[] | null,
    first: number,
    signal: AbortSignal,
  ): Promise<(readonly string[])[]>;
  /**
   * Does to a table's rows that refer to a row which is not there what the foreign key does when that row goes; answers
   * how many there were. Idempotent. Errors: EPOCH_STALE.
   */
  settleOrphans(work: RunWork, table: PlannedTable, key: PlannedForeignKey): Promise<number>;
  /** What the application writes behind the commit point, and whether the tables are sound under it. */
  readonly watch: TargetWatch;
  /** One lane of a copy: claims chunks of the tables, one transaction each. */
  openLane(work: RunWork): Promise<CopyLane>;
  /**
   * What would turn a table that holds rows into the one that is planned anew; `former` has the source's former column
   * names by the present ones. Pure.
   */
  proposeChange(before: PlannedTable, plan: TablePlan, former: FormerNames): ProposedChange;
  /**
   * Has a stream, named by the work's lane, go on behind a schema change of the source: changes the tables, checks that
   * they are the planned ones, stores the plans and moves the stream, in one transaction. Errors: EPOCH_STALE;
   * STREAM_MOVED; SCHEMA_CHANGE_FAILED when the server refuses, or a table is another one; those of a connection. After
   * an error nothing is changed.
   */
  changeTables(work: RunWork, change: TableChange): Promise<void>;
  /** The end of a change stream, named by the work's lane, for tables whose changes it applies. */
  openApplier(work: RunWork, tables: readonly AppliedTable[]): Promise<ChangeApplier>;
  /**
   * What is written in tables of a schema from now on, for the stream that the work's lane names; opens nothing yet. Absent
   * where this engine's log cannot be read.
   */
  changesOf?(work: RunWork, schema: string): TargetChanges;
}

/** A target's rules for names. */
export type TargetNames = NameRules;

/** A run of a migration in the control schema; its epoch fences off whatever has been undone. */
export interface RunKey {
  readonly runId: string;
}

/** Work of one activity. Two attempts of the same `lane` never work at once: the later one ends the earlier one's backend. */
export interface RunWork extends RunKey {
  readonly epoch: number;
  readonly lane: string;
}

/** A value the target cannot hold unchanged; thrown by an encoder, given its place by the writer. */
export class RejectedValue extends Error {
  constructor(
    readonly reason: string,
    readonly column: PlannedColumn | null = null,
  ) {
    super(reason);
    this.name = 'RejectedValue';
  }
}

// ---------------------------------------------------------------------------------------------------------------
// The control schema: the migration's memory, beside the data it describes

export type RunState = 'open' | 'frozen' | 'committed' | 'aborted' | 'rolledBack' | 'accepted';

export interface CopyProgress {
  readonly table: string;
  /** Committed, and in hand of lanes that are at work. */
  readonly rows: number;
  /** As rows; what the target was sent, which is not what they take on the source. */
  readonly bytes: number;
  readonly chunksDone: number;
  readonly chunks: number;
}

export interface Pace {
  /** 0 is unlimited. Shared evenly by the lanes at work. */
  readonly rowsPerSecond: number;
  readonly paused: boolean;
}

export interface FreezeRecord {
  readonly runId: string;
  readonly sourceName: string;
  /** As Source.freezeSettings found them before the freeze. */
  readonly found: Readonly<Record<string, string>>;
  /** When the freeze must have ended, in epoch milliseconds; null is never. */
  readonly deadline: number | null;
}

/** One change that a migration makes, and what takes it back by hand. */
export interface UndoByHand {
  readonly kind: string;
  readonly name: string;
  /** SQL, or for a switch a command of the shell. */
  readonly undo: string;
}

/** Who gives a source back what a freeze took. */
export type UnfrozenBy = 'unfreeze the source' | 'end an overdue freeze';

/** Where the source's log stood at a moment of the migration. */
export interface NotedPosition {
  readonly moment: 'plan' | 'stream' | 'freeze' | 'back';
  readonly position: Position;
  /** ISO 8601, the target's clock. */
  readonly at: string;
}

export interface ControlStore extends StreamStore, UnsettledStore {
  /** Makes the schema when missing, and the run's row; safe to repeat. Answers the run's epoch. */
  openRun(run: {
    runId: string;
    workflowId: string;
    sourceName: string;
    targetName: string;
    fingerprint: string;
  }): Promise<number>;
  /** Ends every lane's backend and raises the epoch, so that nothing older can commit. Answers the new epoch. */
  raiseEpoch(runId: string): Promise<number>;
  /** Compare-and-set of the run's state; false when the state, or the epoch where one is given, was another. */
  transition(runId: string, from: readonly RunState[], to: RunState, epoch?: number): Promise<boolean>;
  /** Null when there is no such run, or no control schema yet. */
  runState(runId: string): Promise<RunState | null>;
  /** The source schema's fingerprint the run was opened with; null when there is no such run. */
  fingerprint(runId: string): Promise<string | null>;

  saveFacts(runId: string, table: string, facts: TableFacts): Promise<void>;
  loadFacts(runId: string): Promise<ReadonlyMap<string, TableFacts>>;
  savePlan(runId: string, plans: readonly TablePlan[], findings: readonly Finding[]): Promise<void>;
  /** Stores one table's plan in place of what it was. */
  replacePlan(runId: string, plan: TablePlan): Promise<void>;
  /** The named tables' plans, or all of them, largest first. */
  loadPlan(runId: string, tables: readonly string[] | null): Promise<TablePlan[]>;
  loadFindings(runId: string): Promise<Finding[]>;

  /** Stores a table's chunks unless it has some already: bounds are never computed twice. */
  saveChunks(runId: string, table: string, ranges: readonly KeyRange[]): Promise<void>;
  hasChunks(runId: string, table: string): Promise<boolean>;
  /** Adds chunks behind those the table has. */
  addChunks(runId: string, table: string, ranges: readonly KeyRange[]): Promise<void>;
  loadChunks(runId: string, table: string): Promise<{ ordinal: number; range: KeyRange; rows: number | null }[]>;
  /** The source's position at which each table was read whose chunk was committed with one; by its source name. */
  loadReadAt(runId: string): Promise<ReadonlyMap<string, Position>>;
  /** Removes what is kept of a run's copy and verification; the run itself stays, with what it has made. */
  forgetCopy(runId: string): Promise<void>;
  copyProgress(runId: string): Promise<CopyProgress[]>;
  /**
   * Tells what a lane has in hand, from another session than the lane's, which is busy. It counts until the chunk is
   * committed, the lane is given up or its process ends; told for a process that has the lane no more, it is ignored.
   */
  tellInHand(of: LaneProcess, inHand: InHand): Promise<void>;

  /** How many rows of each table were rejected, and an example each; tables without any are left out. */
  rejectedCounts(runId: string): Promise<{ table: string; rows: number; example: RejectedRow }[]>;
  /** The keys of the table's rejected rows, or of those that were copied after all, as RejectedRow has them. */
  rejectedKeys(runId: string, table: string, state: 'rejected' | 'copied'): Promise<(RowKey | null)[]>;

  setPace(runId: string, pace: Pace): Promise<void>;
  /** The pace, and how many lanes are at work to share it. */
  readPace(runId: string): Promise<Pace & { readonly lanes: number }>;

  /** Together with its entries in the rollback log; before the freeze. */
  saveFreeze(record: FreezeRecord, undo: readonly UndoByHand[]): Promise<void>;
  loadFreeze(runId: string): Promise<FreezeRecord | null>;
  /** The source has what it had again, which the rollback log says, too. */
  clearFreeze(runId: string, by: UnfrozenBy): Promise<void>;
  /** Freezes of runs not committed whose deadline has passed; empty when there is no control schema. */
  overdueFreezes(): Promise<FreezeRecord[]>;

  /** Enters a switch step into the rollback log, unless it is there: before it is made. */
  logSwitch(runId: string, step: UndoByHand): Promise<void>;
  /** Every switch step of the run is undone. */
  noteSwitchedBack(runId: string): Promise<void>;
  /** The latest of a moment replaces the one before. */
  notePosition(runId: string, moment: NotedPosition['moment'], position: Position): Promise<void>;
  loadPositions(runId: string): Promise<NotedPosition[]>;

  /** The outcome of a verification part, so that a retry does not compare it again within the same epoch. */
  saveVerified(runId: string, epoch: number, table: string, part: string, result: VerifiedPart): Promise<void>;
  loadVerified(runId: string, epoch: number, table: string): Promise<ReadonlyMap<string, VerifiedPart>>;
}

export interface VerifiedPart {
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly verifiedRows: number;
  readonly mismatches: number;
  /** The first of them, named. */
  readonly examples: readonly Mismatch[];
}

export interface Mismatch {
  readonly table: string;
  /** Canonical text by key column; for a table without a key the whole row's hash. */
  readonly key: readonly string[];
  readonly kind: 'missing' | 'extra' | 'different';
  /** Source names of the columns that differ. */
  readonly columns: readonly string[];
}
