/** What a backslash and this character mean in a literal; any other character stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = { '0': '\0', n: '\n', r: '\r', t: '\t', b: '\b', Z: '\x1a' };

/** The quoted literals of a list such as `'a','it''s','back\\slash'`, as the server prints it, unquoted. */
export function readLiterals(list: string): string[] {
  return [...list.matchAll(/'((?:[^'\\]|''|\\[^])*)'/g)].map((match) => unescape(match[1] ?? ''));
}

/** The value of a text that is one quoted literal from end to end; else null. */
export function readLiteral(text: string): string | null {
  return /^'(?:[^'\\]|''|\\[^])*'$/.test(text) ? (readLiterals(text)[0] ?? null) : null;
}

function unescape(inner: string): string {
  return inner.replaceAll(/''|\\([^])/g, (_, escaped?: string) =>
    escaped === undefined ? "'" : (ESCAPES[escaped] ?? escaped),
  );
}

/** An expression as MySQL's information_schema gives it, which escapes quotes and backslashes once more. */
export function readEscapedExpression(text: string): string {
  return text.replaceAll(/\\(['\\])/g, '$1');
}
