import type { FreezeMode, FreezeState } from './freeze';
import type { Finding } from './finding';
import type { MigrationInput, SwitchStep } from './input';
import type { RetryRejected } from './messages';
import type { Thresholds } from './observe/judge';
import type { Baseline, ObservationTotals } from './observe/observation';
import type { NetworkMeasure } from './preflight/network';
import type { TableResult, TableSummary, WrittenTable } from './result';

/** What workflows and activities say to each other: names, positions and counts, never rows. */

/** The migration an activity works for. */
export interface RunReference {
  readonly runId: string;
  readonly workflowId: string;
  readonly source: string;
  readonly target: string;
}

export type PlanOptions = Pick<
  MigrationInput,
  'strategy' | 'tables' | 'mapping' | 'targetSchema' | 'rejectedRows' | 'targetGrants' | 'reverse'
> & { readonly freeze: MigrationInput['cutover']['freeze'] };

export interface PreflightAnswer {
  readonly sourceVersion: string;
  readonly targetVersion: string;
  /** Null where a server could not be asked. */
  readonly network: { readonly source: NetworkMeasure | null; readonly target: NetworkMeasure | null };
  readonly findings: readonly Finding[];
}

export interface AssessmentAnswer {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly epoch: number;
}

export interface PlanAnswer {
  readonly tables: readonly TableSummary[];
  /** The gravest first, at most MAX_FINDINGS; the report has them all. */
  readonly findings: readonly Finding[];
  /** A short hash over the plan and its findings: what an approval approves. */
  readonly digest: string;
}

/** The most findings that travel through a history. */
export const MAX_FINDINGS = 1_000;

/** Work on some tables, fenced by the epoch. */
export interface TablesWork {
  readonly run: RunReference;
  readonly epoch: number;
  readonly tables: readonly string[];
}

/** A backup of the target, fenced by the epoch. */
export interface BackupWork {
  readonly run: RunReference;
  readonly epoch: number;
}

export interface FreezeRequest {
  readonly run: RunReference;
  readonly epoch: number;
  readonly mode: FreezeMode | 'none';
  /** Epoch milliseconds after which the freeze must have ended; null is never. */
  readonly deadline: number | null;
  readonly patienceMs: number;
  /** The target has the rows already, and a stream brings it what is changed. */
  readonly isLive: boolean;
  readonly filter: MigrationInput['tables'];
}

/** A part of the rows, to be tried in a scratch schema. */
export interface TrialWork {
  readonly run: RunReference;
  readonly percent: number;
  readonly chunkBytes: number;
  /** How many rows of the whole trial may be rejected. */
  readonly rejectedLimit: number;
  readonly allowedRowDifference: number;
}

export interface ChunkWork extends TablesWork {
  readonly chunkBytes: number;
}

/** What the copy must not burden. */
export interface WatchedLoad {
  /** Connections of replicas. */
  readonly replicas: readonly string[];
  /** How many statements the copy itself has at work on the source at most; null where nobody looks at the source. */
  readonly lanes: number | null;
}

export interface CopyWork extends TablesWork {
  readonly lane: string;
  readonly freeze: FreezeState | null;
  /** How many rows of the whole migration may be rejected. */
  readonly rejectedLimit: number;
  readonly watched: WatchedLoad;
  /** The application writes meanwhile, and a stream follows. */
  readonly isWritten: boolean;
}

export interface CopyAnswer {
  readonly rows: number;
  readonly bytes: number;
  /** Chunks of these tables that nobody has copied yet, this lane's included. */
  readonly pending: number;
}

export interface VerifyWork extends TablesWork {
  /** Null where nothing was frozen. */
  readonly freeze: FreezeState | null;
  readonly verify: MigrationInput['verify'];
  /** The application writes meanwhile, and a stream follows. */
  readonly isWritten: boolean;
}

export interface VerifyAnswer {
  readonly tables: readonly TableResult[];
  /** Sentences naming the first differing rows. */
  readonly examples: readonly string[];
  /** What the copy rejected of these tables; a finding each. */
  readonly rejected: readonly Finding[];
}

/** Rejected rows of these tables, to be copied under other choices. */
export interface RetryWork extends TablesWork {
  readonly mapping: RetryRejected['mapping'];
}

export interface RetryAnswer {
  /** How many rows of each table are rejected still; tables without any are left out. */
  readonly left: Readonly<Record<string, number>>;
  /** Rows that were copied and do not equal the source's. */
  readonly mismatches: number;
  readonly findings: readonly Finding[];
}

export interface PreflightOptions {
  readonly strategy: MigrationInput['strategy'];
  readonly targetSchema: string;
  readonly switch: readonly SwitchStep[];
  readonly freeze: MigrationInput['cutover']['freeze'];
  readonly targetGrants: MigrationInput['targetGrants'];
  readonly tables: MigrationInput['tables'];
  readonly backup: MigrationInput['backup'];
  readonly mapping: MigrationInput['mapping'];
  /** Connections whose lag throttles the copy. */
  readonly replicas: readonly string[];
  readonly targetFreeBytes?: number;
  /** What will be probed after the switch. */
  readonly probeUrl?: string;
}

/** For an assessment that runs alone; its report tells of the preflight, too. */
export interface AssessmentOptions extends PlanOptions {
  readonly preflight: PreflightAnswer;
}

/** What is compared, when any two databases are. */
export type ComparisonOptions = Pick<MigrationInput, 'tables' | 'mapping' | 'targetSchema' | 'verify'>;

export interface ComparisonPlan {
  /** Those that can be compared, with the source's estimate of their rows. */
  readonly tables: readonly TableSummary[];
  readonly findings: readonly Finding[];
}

export interface ComparisonWork {
  readonly run: RunReference;
  readonly options: ComparisonOptions;
  /** Source names. */
  readonly tables: readonly string[];
}

/** How fast the copy may go; 0 rows a second is unlimited. */
export interface Pace {
  readonly rowsPerSecond: number;
  readonly paused: boolean;
}

/** What the acceptance is checked against: the tables as they were verified in this epoch. */
export interface AcceptanceRequest {
  /** What is written on the target is taken back into the source. */
  readonly takesBack: boolean;
  readonly run: RunReference;
  readonly epoch: number;
  /** Null where nothing was frozen. */
  readonly freeze: FreezeState | null;
  /** Rows that differed, by table; tables in which none did are absent. */
  readonly mismatches: Readonly<Record<string, number>>;
}

/** Where a report stands, on the machine of the worker that wrote it. */
export interface ReportPaths {
  /** The JSON; only at the end. */
  readonly json: string | null;
  readonly html: string;
}

export interface BaselineRequest {
  readonly run: RunReference;
  readonly probeUrl: string | null;
}

/** A window of the observation, which goes on from what was observed before it. */
export interface ObserveRequest {
  readonly run: RunReference;
  /** Null where nothing was frozen. */
  readonly freeze: FreezeState | null;
  /** Behind which the application writes on the target; null where it is not known. */
  readonly horizon: string | null;
  readonly probeUrl: string | null;
  readonly grants: MigrationInput['targetGrants'];
  readonly thresholds: Thresholds;
  readonly baseline: Baseline;
  readonly totals: ObservationTotals;
  /** How long will have been observed in all when the window is over. */
  readonly untilMs: number;
}

/** What was written on the target is told from its tables, once these are set aside. */
export interface ExtractionRequest {
  readonly run: RunReference;
  readonly keptSchema: string;
  readonly freeze: FreezeState | null;
  readonly horizon: string | null;
}

export interface ExtractionAnswer {
  /** Whether the source has been frozen all the time; else what was written there counts as a difference, too. */
  readonly frozen: boolean;
  /** How many tables were written to. */
  readonly tables: number;
  /** The first of them. */
  readonly written: readonly WrittenTable[];
  readonly failed: readonly { readonly table: string; readonly reason: string }[];
}

/** The commit point. */
export interface CommitAnswer {
  /** Behind which everybody else writes; null when an attempt that died had passed the commit point. */
  readonly horizon: string | null;
}

export interface CommitRequest {
  readonly run: RunReference;
  readonly epoch: number;
  readonly freeze: FreezeState | null;
}
