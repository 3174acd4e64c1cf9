import type { PlannedColumn } from '../../../domain/plan';
import { quoteName } from '../quote';

/** Dates, times and timestamps: the server's own text, the fraction without trailing zeros. */
export function timeSql({ source, type, policies }: PlannedColumn): string {
  const name = quoteName(source.name);
  const precision = 'precision' in source.type ? source.type.precision : 0;
  const text = precision > 0 ? `TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${name}))` : name;
  const hasDate = type.kind === 'date' || type.kind === 'timestamp';
  if (!hasDate || policies.zeroDates === 'reject') return text;
  return `IF(YEAR(${name}) = 0 OR MONTH(${name}) = 0 OR DAYOFMONTH(${name}) = 0, NULL, ${text})`;
}
