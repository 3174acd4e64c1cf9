import type { PlannedTable } from '../domain/plan';
import { keyIdentity, type RowKey } from '../domain/rowKey';

/** The rows that the copy has rejected and named: that they are missing on the target is no difference. */
export class Excuses {
  private readonly keys: ReadonlySet<string>;
  private readonly identify: (key: RowKey) => string;
  /** Rejected rows whose key is not known: as many may be missing. */
  private unnamed: number;

  constructor(
    table: PlannedTable,
    readonly rejected: readonly (RowKey | null)[],
  ) {
    this.identify = keyIdentity(table);
    const known = rejected.filter((key) => key !== null);
    this.keys = new Set(known.map((key) => this.identify(key)));
    this.unnamed = rejected.length - known.length;
  }

  /** True when the row missing with this key was rejected. */
  covers(key: RowKey): boolean {
    if (this.keys.size > 0 && this.keys.has(this.identify(key))) return true;
    if (this.unnamed === 0) return false;
    this.unnamed--;
    return true;
  }
}
