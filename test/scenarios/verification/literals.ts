/** A value written by hand for both sides: an SQL expression of MySQL and one of PostgreSQL. */
export type Value = readonly [source: string, target: string];

export function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** The same literal on both sides. */
export function same(...literals: readonly string[]): Value[] {
  return literals.map((literal) => [literal, literal]);
}

/** The same text in quotes on both sides; for text without backslashes and quotes. */
export function quoted(...texts: readonly string[]): Value[] {
  return same(...texts.map((text) => `'${text}'`));
}

/** Any text, spelt in hex. */
export function texts(...values: readonly string[]): Value[] {
  return values.map((text) => [`_utf8mb4 X'${hexOf(text)}'`, target(text)]);
}

/** Any text on the target. */
export function target(text: string): string {
  return `convert_from('\\x${hexOf(text)}', 'UTF8')`;
}

/** Bytes in hex. */
export function bytes(...hex: readonly string[]): Value[] {
  return hex.map((digits) => [`X'${digits}'`, `'\\x${digits}'`]);
}

/** Text given by its bytes in a character set of the source, and as it must arrive. */
export function encoded(charset: string, hex: string, text: string): Value {
  return [`_${charset} X'${hex}'`, target(text)];
}
