import type { Table } from '../domain/catalog';
import type { PlannedTable } from '../domain/plan';

/** A plan that keeps every column as it is, and cuts the table by the key given. */
export function plannedAsIs(table: Table, chunkKey: readonly string[] | null): PlannedTable {
  return {
    source: table,
    targetSchema: 'public',
    targetName: table.name,
    columns: table.columns.map((source) => ({
      source,
      targetName: source.name,
      type: source.type,
      mappedType: null,
      nullable: source.nullable,
      policies: { zeroDates: 'reject', nulCharacters: 'reject', invalidEnums: 'reject' },
    })),
    chunkKey,
    keyOrdersAlike: false,
    primaryKey: null,
    indexes: [],
    foreignKeys: [],
  };
}
