/** A time or timestamp without zeros at the end of its fraction; what is behind the fraction (a zone) stays. */
export function trimFraction(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');
}

const INTERVAL = /^(?:(-?\d+) days? ?)?(?:([-+]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/**
 * The microseconds of a span, in digits, where it is one of days and time (a day is 24 hours, as PostgreSQL compares);
 * any other text as it is.
 */
export function interpretInterval(text: string): string {
  const parts = text === '' ? null : INTERVAL.exec(text);
  if (parts === null) return text;
  const [, days = '0', sign, hours = '0', minutes = '0', seconds = '0', fraction = ''] = parts;
  const time =
    ((BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return String(BigInt(days) * 86_400_000_000n + (sign === '-' ? -time : time));
}
