/** An identifier as SQL, always quoted: PostgreSQL folds and reserves what is not. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A schema's object as SQL. */
export function quoteQualified(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

/** A string constant, for statements that take no parameters (DDL); relies on standard_conforming_strings. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
