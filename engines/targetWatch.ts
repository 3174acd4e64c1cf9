import type { CriticalIssue } from '../domain/observe/criticalIssues';
import type { PlannedTable, TablePlan, TargetGrant } from '../domain/plan';
import type { RowKey } from '../domain/rowKey';

/**
 * Looks at a target that is at work. Nothing here changes anything, and but for writtenKeys each question is of bounded
 * size, and is given up when it waits for a lock for seconds.
 */
export interface TargetWatch {
  /** A point in the order of transactions: every later one writes behind it. As digits. */
  horizon(): Promise<string>;
  /** What must not be: of the server, of all these plans by the catalog, and of a few of them by reading. */
  issues(
    plans: readonly TablePlan[],
    read: readonly TablePlan[],
    grants: readonly TargetGrant[],
  ): Promise<CriticalIssue[]>;
  /** Keys of at most `most` rows, by chance, that nobody has written behind the horizon. */
  sampleUnwritten(table: PlannedTable, horizon: string, most: number): Promise<RowKey[]>;
  /** Those of the keys whose rows are there and nobody has written behind the horizon. */
  stillUnwritten(table: PlannedTable, keys: readonly RowKey[], horizon: string): Promise<RowKey[]>;
  /** Of some rows by chance, how many were looked at for each foreign key, and how many refer to no row. */
  checkReferences(
    table: PlannedTable,
    most: number,
  ): Promise<{ readonly key: string; readonly checked: number; readonly failed: number }[]>;
  /** Hands over the keys of all rows that somebody may have written behind the horizon, or of all rows without one. */
  writtenKeys(
    table: PlannedTable,
    horizon: string | null,
    onKeys: (keys: RowKey[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
}
