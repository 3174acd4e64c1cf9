import type { Column, Table } from './catalog';

/** How many changes are named before the rest is only counted. */
const NAMED = 10;

/**
 * A table without what moves with its data: estimates, the counters of automatically numbered columns, and whether a row
 * shows a label of an enum.
 */
export function stableTable(table: Table): Table {
  return {
    ...table,
    estimatedRows: 0,
    bytes: 0,
    definition: '',
    columns: table.columns.map(stableColumn),
  };
}

/** A column without what moves with its data. */
export function stableColumn(column: Column): Column {
  const { type } = column;
  return {
    ...column,
    identity: column.identity === null ? null : { next: '' },
    type: type.kind === 'enum' ? { kind: type.kind, labels: type.labels } : type,
  };
}

/** What is different in a schema since it was planned, by source names, in a clause each. Empty when nothing is. */
export function schemaChanges(planned: readonly Table[], now: readonly Table[]): string[] {
  return compareNamed(planned, now, (table) => `table ${table}`, tableChanges);
}

/** The first changes in one sentence part. */
export function listChanges(changes: readonly string[]): string {
  const more = changes.length - NAMED;
  return `${changes.slice(0, NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function tableChanges(before: Table, now: Table): string[] {
  const { name } = now;
  const parts = [
    ...compareNamed(
      before.columns,
      now.columns,
      (column) => `column ${name}.${column}`,
      (one, other) => columnChanges(name, one, other),
    ),
    ...compareNamed(before.indexes, now.indexes, (index) => `index ${name}.${index}`),
    ...compareNamed(before.foreignKeys, now.foreignKeys, (key) => `foreign key ${name}.${key}`),
    ...compareNamed(before.checks, now.checks, (check) => `check ${name}.${check}`),
    ...(same(before.primaryKey, now.primaryKey) ? [] : [`the primary key of ${name} is another`]),
  ];
  if (parts.length > 0) return parts;
  return same(stableTable(before), stableTable(now)) ? [] : [`table ${name} is defined in another way`];
}

function columnChanges(table: string, before: Column, now: Column): string[] {
  const what = `column ${table}.${now.name}`;
  if (before.declaredType !== now.declaredType)
    return [`${what} was ${before.declaredType} and is ${now.declaredType}`];
  if (before.nullable !== now.nullable) return [`${what} ${now.nullable ? 'admits' : 'no longer admits'} NULL`];
  return same(stableColumn(before), stableColumn(now)) ? [] : [`${what} is defined in another way`];
}

function compareNamed<T extends { readonly name: string }>(
  before: readonly T[],
  now: readonly T[],
  what: (name: string) => string,
  changes: (before: T, now: T) => string[] = (one, other) =>
    same(one, other) ? [] : [`${what(other.name)} is another`],
): string[] {
  const known = new Map(before.map((item) => [item.name, item]));
  const left = new Set(now.map(({ name }) => name));
  return [
    ...before.filter(({ name }) => !left.has(name)).map(({ name }) => `${what(name)} is gone`),
    ...now.flatMap((item) => {
      const planned = known.get(item.name);
      return planned === undefined ? [`${what(item.name)} is new`] : changes(planned, item);
    }),
  ];
}

/** Both come from the same introspection, so that their keys stand in the same order. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
