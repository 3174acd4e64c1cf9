import type { PreflightAnswer } from './activityMessages';
import type { Finding } from './finding';
import type { BuildStep } from './plan';
import type { PhaseRecord, TableSummary } from './result';

/** What a migration would have to do, as far as it can be told without doing it. */
export interface AssessmentEstimate {
  readonly rows: number;
  readonly bytes: number;
  /** What the network alone takes for the bytes at the slower of the measured speeds; null where none was measured. */
  readonly atLeastSeconds: number | null;
}

export interface DatabaseAssessment {
  readonly tables: readonly TableSummary[];
  /** Of the plan, the gravest first, at most MAX_FINDINGS; the report has them all. */
  readonly findings: readonly Finding[];
  /** What an approval of this plan would approve. */
  readonly digest: string;
  /** How many statements of each kind a migration would run on the target; the report has their text. */
  readonly statements: Readonly<Partial<Record<BuildStep['kind'], number>>>;
  readonly estimate: AssessmentEstimate;
  readonly reportPath: string;
}

/** `blocked` by a blocking finding; `openQuestions` when something is not known; else `ready`. */
export type Readiness = 'ready' | 'openQuestions' | 'blocked';

/** The result of `databaseAssessment`. Without a login to both servers there is no plan: it is null. */
export interface AssessmentResult extends Omit<DatabaseAssessment, 'digest' | 'estimate' | 'reportPath'> {
  readonly outcome: Readiness;
  readonly sourceVersion: string;
  readonly targetVersion: string;
  readonly network: PreflightAnswer['network'];
  readonly digest: string | null;
  readonly estimate: AssessmentEstimate | null;
  readonly phases: readonly PhaseRecord[];
  readonly reportPath: string | null;
}

export function readinessOf(findings: readonly Finding[]): Readiness {
  const has = (severity: Finding['severity']): boolean => findings.some((finding) => finding.severity === severity);
  return has('blocking') ? 'blocked' : has('question') ? 'openQuestions' : 'ready';
}
