/**
 * SQL expressions over `n`, the number of a row, so that the server itself makes the rows: nothing is random, the same
 * row number gives the same row on every server.
 */

/** Changing the seed changes every row of the shop. */
const SEED = 20250117;

/** An odd number below 2^31 from a name (FNV-1a), so that each column scatters the row number in its own way. */
function multiplier(salt: string): number {
  let hash = 2166136261 ^ SEED;
  for (const character of salt) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return ((hash >>> 1) | 1) >>> 0;
}

/** A whole number from 0 to `limit - 1`; `limit` is at most 2^32. */
export function below(salt: string, limit: number | string): string {
  return `(CRC32(n * ${multiplier(salt)}) MOD ${limit})`;
}

/** A whole number from `low` to `high`, both included; may be negative. */
export function between(salt: string, low: number, high: number): string {
  return `(CAST(${below(salt, high - low + 1)} AS SIGNED) + ${low})`;
}

export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

export function oneOf(salt: string, values: readonly string[]): string {
  return `ELT(1 + ${below(salt, values.length)}, ${values.map(quote).join(', ')})`;
}

/** The expression for `percent` of the rows, NULL for the others. */
export function sometimes(salt: string, percent: number, expression: string): string {
  return `IF(${below(`${salt} present`, 100)} < ${percent}, ${expression}, NULL)`;
}

/** 1 for `percent` of the rows, 0 for the others. */
export function flag(salt: string, percent: number): string {
  return `(${below(salt, 100)} < ${percent})`;
}

/** An amount with two decimals from 0.00 to `limit - 0.01`. */
export function amount(salt: string, limit: number): string {
  return `(${below(salt, limit * 100)} / 100)`;
}

const FIRST_MOMENT = '2022-01-03 08:00:00';
const SECONDS_OF_SHOP = 94_000_000;

/** A moment in the shop's three years, to the second. */
export function moment(salt: string): string {
  return `TIMESTAMPADD(SECOND, ${below(salt, SECONDS_OF_SHOP)}, ${quote(FIRST_MOMENT)})`;
}

/** A moment in the shop's three years, to the microsecond. */
export function preciseMoment(salt: string): string {
  return `TIMESTAMPADD(MICROSECOND, ${below(`${salt} fraction`, 1_000_000)}, ${moment(salt)})`;
}

export function day(salt: string, from: string, days: number): string {
  return `DATE_ADD(${quote(from)}, INTERVAL ${below(salt, days)} DAY)`;
}

/** Sixteen bytes that differ for every row. MD5() is gone from newer servers, SHA2() is everywhere. */
export function sixteenBytes(salt: string): string {
  return `UNHEX(LEFT(SHA2(CONCAT(${quote(`${salt} `)}, n), 256), 32))`;
}

/** A version 4 UUID as text, different for every row. */
export function uuid(salt: string): string {
  const digits = `SHA2(CONCAT(${quote(`${salt} `)}, n), 256)`;
  const part = (start: number, length: number) => `SUBSTR(${digits}, ${start}, ${length})`;
  return `CONCAT(${part(1, 8)}, '-', ${part(9, 4)}, '-4', ${part(13, 3)}, '-a', ${part(16, 3)}, '-', ${part(19, 12)})`;
}

const SENTENCES = [
  'Made to last, and easy to repair.',
  'A favourite of our staff since the first day.',
  'Ships in plain paper, without plastic.',
  'Größe und Farbe wie abgebildet.',
  'Idéal pour un petit appartement à la montagne.',
  'Wash at 30 °C; do not tumble dry.',
  '軽くて丈夫です。',
  'Two years of guarantee — no questions asked.',
  "The customer's choice: 5 of 5 ★.",
  'Works with\tmost\tother parts\nof the series.',
  'Path on the old server: C:\\shop\\media',
  '',
];

/** Prose of `count` sentences, in several scripts and with the characters that need escaping. */
export function prose(salt: string, count: number): string {
  const sentences = Array.from({ length: count }, (_, index) => oneOf(`${salt} ${index}`, SENTENCES));
  return `CONCAT_WS(' ', ${sentences.join(', ')})`;
}
