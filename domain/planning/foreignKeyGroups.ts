import type { Column, ForeignKey, Table } from '../catalog';
import { lookupByName } from './lookup';

/** A column with the table it belongs to. */
export interface Member {
  readonly table: Table;
  readonly column: Column;
}

/** A column of a foreign key, and the one it refers to. */
export type ReferencePair = readonly [Member, Member];

/** Where a foreign key leads, when it leads to a table that is moved. */
export interface Reference {
  readonly referenced: Table;
  /** A pair whose column is not there is left out. */
  readonly pairs: readonly ReferencePair[];
}

/** Answers where foreign keys between these tables lead; null for one that leads elsewhere. */
export function resolveReferences(
  tables: readonly Table[],
): (table: Table, foreignKey: ForeignKey) => Reference | null {
  const tableNamed = lookupByName(tables);
  return (table, foreignKey) => {
    const referenced = foreignKey.referencedSchema === null ? tableNamed(foreignKey.referencedTable) : undefined;
    if (referenced === undefined) return null;
    const from = lookupByName(table.columns);
    const to = lookupByName(referenced.columns);
    const pairs = foreignKey.columns.flatMap((name, position): ReferencePair[] => {
      const column = from(name);
      const target = to(foreignKey.referencedColumns[position] ?? '');
      return column && target
        ? [
            [
              { table, column },
              { table: referenced, column: target },
            ],
          ]
        : [];
    });
    return { referenced, pairs };
  };
}

/**
 * All columns of the tables, in groups that foreign keys tie together directly or by way of others: what refers to a
 * column must have its type. Most groups are one column.
 */
export function foreignKeyGroups(tables: readonly Table[]): Member[][] {
  const groups = new Map<Column, Member[]>();
  for (const table of tables) for (const column of table.columns) groups.set(column, [{ table, column }]);
  const resolve = resolveReferences(tables);
  for (const table of tables) {
    for (const foreignKey of table.foreignKeys) {
      for (const [from, to] of resolve(table, foreignKey)?.pairs ?? []) join(groups, from.column, to.column);
    }
  }
  return [...new Set(groups.values())];
}

function join(groups: Map<Column, Member[]>, a: Column, b: Column): void {
  const kept = groups.get(a) ?? [];
  const added = groups.get(b) ?? [];
  if (kept === added) return;
  for (const member of added) {
    kept.push(member);
    groups.set(member.column, kept);
  }
}
