import type { CanonicalType } from '../../domain/canonicalType';
import { isZeroDate } from '../../domain/planning';
import { quoteText } from './quote';

type TimeType = Extract<CanonicalType, { kind: 'date' | 'timestamp' | 'time' | 'interval' }>;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/u;
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)(?:[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d+))?)?$/u;
const SPAN = /^-?\d{1,3}:[0-5]\d:[0-5]\d(?:\.(\d+))?$/u;
const TIME_OF_DAY = /^(?:(?:[01]?\d|2[0-3]):\d\d:\d\d(?:\.\d+)?|24:00:00(?:\.0+)?)$/u;

/**
 * A default of a date or time; null when the type has no such value. Instants are in UTC, because the session that
 * reads the source's defaults is.
 */
export function timeDefault(text: string, type: TimeType): string | null {
  switch (type.kind) {
    case 'date':
      return isDate(text) ? quoteText(text) : null;
    case 'timestamp': {
      const [, date = '', fraction] = TIMESTAMP.exec(text) ?? [];
      if (!isDate(date) || !fits(fraction, type.precision)) return null;
      return quoteText(type.zoned ? `${text}+00` : text);
    }
    case 'time':
      return TIME_OF_DAY.test(text) && isSpan(text, type.precision) ? quoteText(text) : null;
    case 'interval':
      return isSpan(text, type.precision) ? quoteText(text) : null;
  }
}

function isSpan(text: string, precision: number): boolean {
  const match = SPAN.exec(text);
  return match !== null && fits(match[1], precision);
}

/** Digits behind the precision would be rounded off; zeros may go. */
function fits(fraction: string | undefined, precision: number): boolean {
  return (fraction ?? '').replace(/0+$/u, '').length <= precision;
}

function isDate(text: string): boolean {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || isZeroDate(text)) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
