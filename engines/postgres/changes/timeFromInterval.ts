import type { RowText } from './rowText';

/** Manual, "Interval Output", style `postgres`; months and years come before the days. */
const SPAN = /^(?:(-?)(\d+) days?)?(?: ?([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

const SPACE = 0x20;
const LETTER = 0x61;
const SECOND = 1_000_000n;
const DAY = 86_400n * SECOND;

/** `[-]HHH:MM:SS[.ffffff]` of an interval that has neither months nor years; any other stays as it is. */
export function timeFromInterval(row: RowText): void {
  if (!hasWords(row)) return;
  const [match, daysSign, days = '0', sign, hours = '0', minutes = '0', seconds = '0', fraction = ''] =
    SPAN.exec(row.text()) ?? [];
  if (match === undefined || match === '') return;
  const clock =
    (BigInt(hours) * 3_600n + BigInt(minutes) * 60n + BigInt(seconds)) * SECOND + BigInt(fraction.padEnd(6, '0'));
  const span = (daysSign === '-' ? -1n : 1n) * BigInt(days) * DAY + (sign === '-' ? -clock : clock);
  row.replace(spell(span));
}

/** What has only a clock time has the format's form already. */
function hasWords({ bytes, cellStart, cellEnd }: RowText): boolean {
  for (let at = cellStart; at < cellEnd; at++) {
    const byte = bytes[at] as number;
    if (byte === SPACE || byte >= LETTER) return true;
  }
  return false;
}

function spell(span: bigint): string {
  const length = span < 0n ? -span : span;
  const seconds = length / SECOND;
  const fraction = (length % SECOND).toString().padStart(6, '0').replace(/0+$/, '');
  const two = (value: bigint): string => value.toString().padStart(2, '0');
  const clock = `${two(seconds / 3_600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return `${span < 0n ? '-' : ''}${clock}${fraction === '' ? '' : `.${fraction}`}`;
}
