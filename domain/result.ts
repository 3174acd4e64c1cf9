import type { AcceptanceChecks } from './acceptanceChecks';
import type { CopySample } from './copySamples';
import type { Estimate } from './estimate';
import type { Finding } from './finding';
import type { Observation } from './observe/summary';
import type { SchemaProposal } from './liveMessages';
import type { Phase } from './phases';
import type { Risk } from './risks';
import type { TrialResult } from './trial';

export type Outcome = 'accepted' | 'rolledBack' | 'rejected' | 'aborted';

/** One table of the migration as the workflow knows it: a name, sizes and what came of it, never rows. */
export interface TableSummary {
  readonly name: string;
  readonly targetName: string;
  /** Only columns whose target name is not simply the folded one. */
  readonly columns: Readonly<Record<string, string>>;
  /** Exact when it was counted by the assessment. */
  readonly rows: number;
  readonly bytes: number;
}

export interface TableResult {
  readonly name: string;
  readonly targetName: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly bytes: number;
  readonly verifiedRows: number;
  readonly mismatches: number;
}

export interface PhaseRecord {
  readonly name: Phase;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly attempts: number;
}

export interface Decision {
  readonly kind: 'approve' | 'reject' | 'rollback' | 'accept' | 'pause' | 'resume' | 'throttle' | 'retryRejected';
  readonly by: string;
  /** ISO 8601, the workflow's clock. */
  readonly at: string;
  readonly comment?: string;
}

export interface IgnoredSignal {
  readonly signal: string;
  readonly at: string;
  readonly reason: string;
}

/** Of the target, as it was before the migration; restored and compared before it was called one. */
export interface BackupResult {
  /** On the machine of the worker that wrote it; its checksum is beside it, in `<path>.sha256`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** That were restored and compared. */
  readonly tables: number;
  readonly rows: number;
}

export interface MigrationResult {
  readonly outcome: Outcome;
  readonly tables: readonly TableResult[];
  readonly findings: readonly Finding[];
  /** How long the source refused writes until the switch was done (or the cutover sent back), in milliseconds. */
  readonly freezeMs: number;
  readonly phases: readonly PhaseRecord[];
  readonly decisions: readonly Decision[];
  /** The gravest first. */
  readonly risks: readonly Risk[];
  /** Null where the target was empty, or `backup.mode` is "none". */
  readonly backup: BackupResult | null;
  /** Of the cutover, made with the plan; null before. */
  readonly estimate: Estimate | null;
  /** What was tried before anything real was made; null where nothing was. */
  readonly trial: TrialResult | null;
  /** Of the last copy, evenly spread. */
  readonly copySamples: readonly CopySample[];
  /** As found last; null before the target is live. */
  readonly acceptanceChecks: AcceptanceChecks | null;
  /** The report as JSON. */
  readonly reportPath: string | null;
  /** The report as a page. */
  readonly htmlReportPath: string | null;
  /** After a rollback behind the switch: the schema that keeps the target's tables with what was written to them. */
  readonly keptSchema?: string;
  /** What was observed after the switch; absent before. */
  readonly observation?: Observation;
  /** After a rollback behind the switch: the files with what was written on the target, at most 200 of them. */
  readonly writtenOnTarget?: readonly WrittenTable[];
}

/** A table that was written to on the target, and the file that has its rows. */
export interface WrittenTable {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** On the machine of the worker that wrote it. */
  readonly path: string;
  /** Of the file, in hex. */
  readonly sha256: string;
}

export interface Progress {
  readonly phase: Phase;
  readonly tables: readonly {
    readonly name: string;
    readonly rowsCopied: number;
    readonly rowsTotal: number;
    readonly percent: number;
  }[];
  readonly rowsCopied: number;
  readonly rowsTotal: number;
  readonly percent: number;
  /** Lately; 0 while the copy is paused. */
  readonly rowsPerSecond: number;
  /**
   * Seconds until the end of the copy, if it goes on as it goes; what comes after it is in `estimate`. Null before it
   * begins and while it is paused, 0 when it is over.
   */
  readonly etaSeconds: number | null;
  /** When the rows were counted, ISO 8601; null before the copy. */
  readonly asOf: string | null;
  /** Of the change stream; null without one, as in a bigBang. */
  readonly lagSeconds: number | null;
  readonly lagBytes: number | null;
  readonly waitingFor: 'approval' | 'acceptance' | 'resume' | 'ddlDecision' | null;
  readonly freezeMs: number;
  /** What an approval approves; null before the plan. */
  readonly evidence: string | null;
  /** Who has approved that, of as many people as must. */
  readonly approvals: { readonly needed: number; readonly by: readonly string[] };
  /** When the wait for the approval ends by itself, undone; ISO 8601, null while nothing does. */
  readonly endsAt: string | null;
  /** Of the cutover; null before the plan. */
  readonly estimate: Estimate | null;
  readonly throttledTo: number;
  /** Why the copy waits for the source or a replica; null while it does not. */
  readonly heldBack: string | null;
  readonly lastFailure: string | null;
  /** A schema change of a live source that waits for `resume`; null while there is none. */
  readonly schemaProposal: SchemaProposal | null;
  readonly decisions: readonly Decision[];
  readonly ignoredSignals: readonly IgnoredSignal[];
}
