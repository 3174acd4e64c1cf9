import type { Column, ColumnFacts, Table, TableFacts } from '../catalog';
import { assert } from '../errors';

/** A record's own entry: names come from databases, and `constructor` is a fine name for a column. */
export function ownEntry<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The entry of that name; when there is none, the one that differs by case alone. */
export function findNamed<T extends { readonly name: string }>(items: readonly T[], name: string): T | undefined {
  const exact = items.find((item) => item.name === name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  const alike = items.filter((item) => item.name.toLowerCase() === wanted);
  return alike.length === 1 ? alike[0] : undefined;
}

/** A column that an index or a constraint of the same catalog names. */
export function columnOf(table: Table, name: string): Column {
  const column = findNamed(table.columns, name);
  assert(column, `table ${table.name} has the column ${name} that its definition names`);
  return column;
}

export function factsOf(facts: ReadonlyMap<string, TableFacts>, table: Table, column: Column): ColumnFacts {
  return ownEntry(facts.get(table.name)?.columns, column.name) ?? {};
}
