import type { AcceptanceChecks } from '../domain/acceptanceChecks';
import type { Pace, ReportPaths } from '../domain/activityMessages';
import type { CopySample } from '../domain/copySamples';
import type { Estimate } from '../domain/estimate';
import type { CopyCourse } from '../domain/eta/course';
import type { Finding, FindingCode } from '../domain/finding';
import type { FreezeState } from '../domain/freeze';
import type { Baseline } from '../domain/observe/observation';
import type { Observation } from '../domain/observe/summary';
import type { SchemaProposal, StreamReading, WayBackReading } from '../domain/liveMessages';
import { mayFollow, type Phase } from '../domain/phases';
import { assert } from '../domain/errors';
import type {
  BackupResult,
  Decision,
  IgnoredSignal,
  PhaseRecord,
  TableResult,
  TableSummary,
  WrittenTable,
} from '../domain/result';
import type { Risk } from '../domain/risks';
import type { TrialResult } from '../domain/trial';
import { countPhase } from './metrics';
import { inPhaseScope } from './phaseScope';
import { WritePause } from './writePause';

/** Signals listed as ignored are kept to this many, so that a sender gone wild cannot grow the workflow's memory. */
const MAX_IGNORED = 100;

/** What has happened so far: the one place the queries, the details and the result are told from. */
export class MigrationRecord {
  phase: Phase = 'preflight';
  tables: readonly TableSummary[] = [];
  findings: Finding[] = [];
  /** The part of them that no plan has stored on the target. */
  preflightFindings: readonly Finding[] = [];
  /** What was found since the switch, or right before the cutover for it. */
  observeFindings: readonly Finding[] = [];
  versions = { source: 'unknown', target: 'unknown' };
  backup: BackupResult | null = null;
  /** Null before the trial has ended, and where there is none. */
  trial: TrialResult | null = null;
  estimate: Estimate | null = null;
  risks: readonly Risk[] = [];
  verified = new Map<string, TableResult>();
  /** Rows copied, by table. */
  readonly copied = new Map<string, number>();
  /** How far a live migration's target is behind; null without a stream, and where it could not be read. */
  lag: StreamReading | null = null;
  /** How far the source is behind a live target; null without a way back, and where it could not be read. */
  wayBack: WayBackReading | null = null;
  /** A schema change of the source that awaits a decision; null while there is none. */
  schemaProposal: SchemaProposal | null = null;
  /** Why the last decision about it could not be carried out. */
  schemaFailure: string | null = null;
  /** Of the last copy; null before one began, and when it was undone. */
  copyCourse: CopyCourse | null = null;
  /** The pace that lanes have been told. */
  appliedPace: Pace = { rowsPerSecond: 0, paused: false };
  /** Why the copy waits for the source or a replica; null while it does not, as of the last reading. */
  heldBack: string | null = null;
  copySamples: readonly CopySample[] = [];
  /** What the last freeze found and where it stopped; null where nothing was frozen. */
  freeze: FreezeState | null = null;
  acceptanceChecks: AcceptanceChecks | null = null;
  /** Of the report that was written last. */
  reportPaths: ReportPaths | null = null;
  evidence: string | null = null;
  /** Whether the migration has frozen the source, and not given it back. */
  sourceFrozen = false;
  readonly writePause = new WritePause();
  lastFailure: string | null = null;
  keptSchema: string | null = null;
  /** Taken before the cutover. */
  baseline: Baseline = { applicationMs: null, missing: null, targetMs: null, sourceMs: null };
  /** Behind which the application writes on the target; null before the commit point, and where it is not known. */
  horizon: string | null = null;
  observation: Observation | null = null;
  writtenOnTarget: readonly WrittenTable[] | null = null;
  /** A sentence for a person who is keeping the migration waiting. */
  reminder: string | null = null;
  /** When the wait for the approval ends by itself, ISO 8601; null while nothing does. */
  endsAt: string | null = null;
  readonly decisions: Decision[] = [];
  readonly ignored: IgnoredSignal[] = [];
  readonly phases: { name: Phase; startedAt: string; durationMs: number; attempts: number }[] = [];
  /** Called whenever something a reader of the details would see has changed. */
  onChange: () => void = () => undefined;
  /** Called when a phase begins. */
  onPhase: (phase: Phase) => void = () => undefined;

  /** Runs a phase and notes when, how long and how often. */
  async during<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    this.enter(phase);
    const startedAt = Date.now();
    const entry = this.entryOf(phase, startedAt);
    entry.attempts += 1;
    try {
      return await inPhaseScope(phase, work);
    } finally {
      const durationMs = Date.now() - startedAt;
      entry.durationMs += durationMs;
      countPhase(phase, durationMs);
    }
  }

  /** Runs a phase inside another one, which is on again afterwards. */
  async within<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const outer = this.phase;
    try {
      return await this.during(phase, work);
    } finally {
      this.enter(outer);
    }
  }

  enter(phase: Phase): void {
    assert(this.phases.length === 0 || mayFollow(this.phase, phase), `${phase} may follow ${this.phase}`);
    this.phase = phase;
    this.onPhase(phase);
    this.onChange();
  }

  /** Sets the findings of a code that only the workflow knows of, in place of earlier ones about the same objects. */
  tell(
    code: FindingCode,
    told: readonly Pick<Finding, 'object' | 'source' | 'reason'>[],
    severity: Finding['severity'] = 'warning',
  ): void {
    const objects = new Set(told.map(({ object }) => object));
    const others = (findings: readonly Finding[]): Finding[] =>
      findings.filter((finding) => finding.code !== code || !objects.has(finding.object));
    const added = told.map((finding): Finding => ({ code, severity, target: '', ...finding }));
    this.findings = [...others(this.findings), ...added];
    this.observeFindings = [...others(this.observeFindings), ...added];
  }

  /** The target's tables are empty again. */
  forgetCopy(): void {
    this.copied.clear();
    this.copyCourse = null;
    this.verified.clear();
  }

  ignore(signal: string, reason: string): void {
    if (this.ignored.length >= MAX_IGNORED) return;
    // A signal nobody knows may have a name of any length.
    const name = signal.length > 100 ? `${signal.slice(0, 97)}...` : signal;
    this.ignored.push({ signal: name, reason, at: now() });
    this.onChange();
  }

  decide(kind: Decision['kind'], by: string, comment: string | undefined): void {
    this.decisions.push({ kind, by, at: now(), ...(comment === undefined ? {} : { comment }) });
  }

  get finishedPhases(): readonly PhaseRecord[] {
    return this.phases.map((phase) => ({ ...phase }));
  }

  private entryOf(name: Phase, startedAt: number): MigrationRecord['phases'][number] {
    const known = this.phases.find((phase) => phase.name === name);
    if (known !== undefined) return known;
    const entry = { name, startedAt: new Date(startedAt).toISOString(), durationMs: 0, attempts: 0 };
    this.phases.push(entry);
    return entry;
  }
}

/** The workflow's clock. */
export function now(): string {
  return new Date(Date.now()).toISOString();
}
