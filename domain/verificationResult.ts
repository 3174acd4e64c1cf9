import type { Finding } from './finding';
import type { PhaseRecord, TableResult } from './result';

/** The result of `databaseVerification`. */
export interface VerificationResult {
  /** `equal` when every table could be compared whole and no more differs than `verify.allowedRowDifference`. */
  readonly outcome: 'equal' | 'different';
  readonly tables: readonly TableResult[];
  /** Sentences naming the first differing rows of each table. */
  readonly mismatches: readonly string[];
  /** What could not be compared, and what of the input has no effect. */
  readonly findings: readonly Finding[];
  readonly phases: readonly PhaseRecord[];
  readonly reportPath: string | null;
}

/** What the `progress` query of `databaseVerification` answers. */
export interface VerificationProgress {
  readonly phase: string;
  readonly tables: readonly {
    readonly name: string;
    readonly rowsTotal: number;
    readonly rowsVerified: number;
    readonly mismatches: number;
    readonly done: boolean;
  }[];
  readonly tablesDone: number;
  readonly tablesTotal: number;
  readonly rowsVerified: number;
  readonly mismatches: number;
  readonly percent: number;
  readonly findings: number;
  readonly waitingFor: null;
}
