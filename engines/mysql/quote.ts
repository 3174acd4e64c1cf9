/** An identifier in backticks; any name is safe in it. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text literal, for sessions whose sql_mode has no NO_BACKSLASH_ESCAPES, as all of ours. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A binary literal from hex digits. */
export function quoteHex(hex: string): string {
  return `X'${hex}'`;
}
