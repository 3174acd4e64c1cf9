import type { Table } from '../catalog';

/** Names of the columns that are part of the primary key or of a unique index. */
export function keyColumns(table: Table): ReadonlySet<string> {
  const parts = [...(table.primaryKey ?? []), ...table.indexes.filter(({ unique }) => unique).flatMap((i) => i.parts)];
  return new Set(parts.flatMap(({ column }) => column ?? []));
}
