import { UNEQUAL } from '../../../domain/canonicalText';
import type { PlannedColumn } from '../../../domain/plan';

/**
 * False for canonical text that no value of the column has. A source may hold such a key, and asking for it would be
 * an error of the statement instead of an empty answer.
 */
export function isPossible({ type }: PlannedColumn, text: string): boolean {
  if (text.startsWith(UNEQUAL)) return false;
  switch (type.kind) {
    case 'uuid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
    case 'enum':
      return type.labels.includes(text);
    case 'date':
    case 'timestamp':
      return isCalendarDate(text.slice(0, 10));
    case 'text':
      return !text.includes('\0');
    default:
      return true;
  }
}

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
