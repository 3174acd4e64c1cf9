import type { Column, ColumnFacts, Table, TableFacts } from '../catalog';
import { assert } from '../errors';

/** A record's own entry: names come from databases, and `constructor` is a fine name for a column. */
export function ownEntry<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/**
 * Finds items by name; when there is none of exactly that name, the one that differs by case alone: MySQL's columns
 * ignore case, and its tables do on some systems.
 */
export function lookupByName<T extends { readonly name: string }>(
  items: readonly T[],
): (name: string) => T | undefined {
  const exact = new Map(items.map((item) => [item.name, item]));
  const folded = new Map<string, T | undefined>();
  for (const item of items) {
    const name = item.name.toLowerCase();
    folded.set(name, folded.has(name) ? undefined : item);
  }
  return (name) => exact.get(name) ?? folded.get(name.toLowerCase());
}

/** A column that an index or a constraint of the same catalog names. */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name) ?? lookupByName(table.columns)(name);
  assert(column, `table ${table.name} has the column ${name} that its definition names`);
  return column;
}

export function factsOf(facts: ReadonlyMap<string, TableFacts>, table: Table, column: Column): ColumnFacts {
  return ownEntry(facts.get(table.name)?.columns, column.name) ?? {};
}

/** Of Unicode, as the databases count them. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}
