import type { Finding } from '../domain/finding';
import type { ControlStore } from '../engines/engine';

type RejectedCounts = Awaited<ReturnType<ControlStore['rejectedCounts']>>;

/** One finding for each of the tables that has rejected rows, naming the first by its key. */
export function rejectedFindings(counts: RejectedCounts, tables: readonly string[]): Finding[] {
  return counts
    .filter(({ table }) => tables.includes(table))
    .map(({ table, rows, example: { key, column, reason } }) => ({
      code: 'ROWS_REJECTED',
      severity: 'warning',
      object: table,
      source: `${rows} ${rows === 1 ? 'row' : 'rows'}`,
      target: '',
      reason:
        `not copied; the first${key === null ? '' : ` has the key ${key.join(', ')}`}, column ${column}: ${reason}; ` +
        `temporal_migrate.rejected_rows on the target has them all`,
    }));
}
