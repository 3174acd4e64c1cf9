import type { Finding } from '../../domain/finding';
import { count, counted } from '../../domain/format';
import type { PlannedForeignKey, TablePlan } from '../../domain/plan';
import type { TrialTable } from '../../domain/trial';
import type { RejectedRow } from '../../engines/engine';

/** Rows the target cannot hold, and how many the whole table may have; none where there were none. */
export function rejectedFinding(table: TrialTable, example: RejectedRow | undefined, limit: number): Finding[] {
  if (example === undefined) return [];
  const { name, rows, pulledRows, rejectedRows, sourceRows } = table;
  const tried = rows + pulledRows + rejectedRows;
  const expected = Math.round((rejectedRows * Math.max(sourceRows, tried)) / tried);
  const key = example.key === null ? '' : ` has the key ${example.key.join(', ')}`;
  return [
    {
      code: 'TRIAL_ROWS_REJECTED',
      severity: 'warning',
      object: name,
      source: `${count(rejectedRows)} of ${counted(tried, 'row')} tried`,
      target: '',
      reason:
        `the first${key}, column ${example.column}: ${example.reason}; at that rate the whole table has about ` +
        `${count(expected)}, and rejectedRows.limit is ${count(limit)} for all tables together`,
    },
  ];
}

export function notComparedFinding(table: string, why: string): Finding {
  return incomplete(table, `the rows that were tried are not known to be equal: ${why}`);
}

export function givenUpFinding(plans: readonly TablePlan[], key: PlannedForeignKey): Finding {
  const table = plans.find((plan) => plan.table.foreignKeys.includes(key))?.table.source.name ?? '';
  const reason = 'not tried: the rows it refers to, and those that these refer to, are far more than the sample';
  return incomplete(`${table}.${key.source.name}`, reason);
}

export function untriedFinding(untried: number, tried: number): Finding[] {
  if (untried === 0) return [];
  const which = 'the largest tables and an even choice of the others, with those that they refer to';
  return [incomplete('', `${count(tried)} tables were tried, ${which}; ${count(untried)} were not`)];
}

function incomplete(object: string, reason: string): Finding {
  return { code: 'TRIAL_INCOMPLETE', severity: 'info', object, source: '', target: '', reason };
}
