import type { Column, ForeignKey, Table } from '../catalog';
import { findNamed } from './lookup';

/** A column with the table it belongs to. */
export interface Member {
  readonly table: Table;
  readonly column: Column;
}

/** The table a foreign key refers to, when it is among the given ones. */
export function referencedTable(foreignKey: ForeignKey, tables: readonly Table[]): Table | undefined {
  return foreignKey.referencedSchema === null ? findNamed(tables, foreignKey.referencedTable) : undefined;
}

/** Pairs of a foreign key's columns and what they refer to; a pair whose column is not there is left out. */
export function referencePairs(table: Table, foreignKey: ForeignKey, referenced: Table): [Member, Member][] {
  return foreignKey.columns.flatMap((name, position): [Member, Member][] => {
    const column = findNamed(table.columns, name);
    const target = findNamed(referenced.columns, foreignKey.referencedColumns[position] ?? '');
    return column && target ? [[{ table, column }, { table: referenced, column: target }]] : [];
  });
}

/**
 * All columns of the tables, in groups that foreign keys tie together directly or by way of others: what refers to a
 * column must have its type. Most groups are one column.
 */
export function foreignKeyGroups(tables: readonly Table[]): Member[][] {
  const groups = new Map<Column, Member[]>();
  for (const table of tables) for (const column of table.columns) groups.set(column, [{ table, column }]);
  for (const table of tables) {
    for (const foreignKey of table.foreignKeys) {
      const referenced = referencedTable(foreignKey, tables);
      if (referenced === undefined) continue;
      for (const [from, to] of referencePairs(table, foreignKey, referenced)) join(groups, from.column, to.column);
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
