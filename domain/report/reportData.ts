import type { AcceptanceChecks } from '../acceptanceChecks';
import type { ColumnFacts } from '../catalog';
import type { CopySample } from '../copySamples';
import type { Estimate } from '../estimate';
import type { Finding } from '../finding';
import type { MigrationInput } from '../input';
import type { Observation } from '../observe/summary';
import type { Position } from '../position';
import type { BackupResult, Decision, Outcome, PhaseRecord, TableResult, WrittenTable } from '../result';
import type { Risk } from '../risks';
import type { TrialResult } from '../trial';

/** When a report is written: while a person is awaited, or at the end. */
export type ReportStage = 'approval' | 'acceptance' | Outcome;

/** What a workflow hands over for a report: names and counts. The plan's findings and facts wait on the target. */
export interface ReportDraft {
  readonly stage: ReportStage;
  /** ISO 8601, the workflow's clock. */
  readonly writtenAt: string;
  readonly sourceVersion: string;
  readonly targetVersion: string;
  readonly input: ReportedInput;
  /** What an approval approves; null before the plan. */
  readonly evidence: string | null;
  readonly tables: readonly TableResult[];
  /** Of the preflight, the trial, and what was observed. */
  readonly findings: readonly Finding[];
  readonly risks: readonly Risk[];
  /** Null where there is none. */
  readonly backup: BackupResult | null;
  readonly estimate: Estimate | null;
  readonly trial: TrialResult | null;
  readonly freezeMs: number;
  readonly phases: readonly PhaseRecord[];
  readonly decisions: readonly Decision[];
  readonly copySamples: readonly CopySample[];
  readonly acceptanceChecks: AcceptanceChecks | null;
  readonly lastFailure: string | null;
  readonly keptSchema?: string;
  readonly observation?: Observation;
  readonly writtenOnTarget?: readonly WrittenTable[];
}

/** What of the input a reader of the report wants to know. */
export interface ReportedInput {
  readonly strategy: MigrationInput['strategy'];
  readonly targetSchema: string;
  readonly verify: MigrationInput['verify'];
  readonly approvals: number;
  readonly approvalTimeout: string;
  readonly freeze: MigrationInput['cutover']['freeze'];
  /** In words, without what a call carries. */
  readonly switchSteps: readonly string[];
  readonly retentionDays: number;
}

/** Everything a report tells. */
export interface ReportData extends ReportDraft {
  readonly workflowId: string;
  readonly runId: string;
  readonly source: string;
  readonly target: string;
  readonly baseline: readonly TableBaseline[];
  /** Where the source's log stood: at the plan, and at the last freeze. */
  readonly positions: readonly ReportedPosition[];
  /** The statements that give the source's accounts back what a freeze has taken; none where it took nothing. */
  readonly givingBack: readonly string[];
  /** Where the same stands as JSON, once it does. */
  readonly reportPath: string | null;
  /** Where this page stands. */
  readonly htmlReportPath: string;
}

export interface ReportedPosition {
  readonly moment: 'plan' | 'stream' | 'freeze' | 'back';
  readonly position: Position;
  /** ISO 8601, the target's clock. */
  readonly at: string;
}

/** What the assessment proved of a table before anything was moved. */
export interface TableBaseline {
  readonly table: string;
  readonly rows: number;
  /** Only columns of which something was asked. */
  readonly columns: Readonly<Record<string, ColumnFacts>>;
  /** Rows that break a foreign key, by its name. */
  readonly orphans: Readonly<Record<string, number>>;
}
