/** Numbers as people read them. The same on every machine: no locale is asked. */

/** 1234567 is 1,234,567; fractions are rounded away. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 row`, `2,000 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units: 13700000 is `13.7 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return counted(bytes, 'byte');
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < BYTE_UNITS.length - 1; unit += 1) value /= 1_000;
  return `${value >= 99.5 ? count(value) : value.toPrecision(3)} ${BYTE_UNITS[unit] ?? ''}`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `850 ms`, `12.3 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function timeSpan(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const [whole, part, wholeName, partName] =
    ms < HOUR ? [MINUTE, SECOND, 'min', 's'] : ms < DAY ? [HOUR, MINUTE, 'h', 'min'] : [DAY, HOUR, 'd', 'h'];
  const rest = Math.floor((ms % whole) / part);
  return `${Math.floor(ms / whole)} ${wholeName}${rest === 0 ? '' : ` ${rest} ${partName}`}`;
}

/** An ISO 8601 time in UTC, to the second: `2026-01-31 09:05:07 UTC`. */
export function pointInTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
