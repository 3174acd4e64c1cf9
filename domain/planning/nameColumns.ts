import type { Column, Table } from '../catalog';
import type { Finding } from '../finding';
import { assignNames, type Naming } from './assignNames';
import type { Requests } from './applyMapping';
import { Namespace } from './identifiers';

/** The target name of each column; unique within its table. */
export function nameColumns(
  tables: readonly Table[],
  requests: Requests,
  naming: Naming,
): { columns: ReadonlyMap<Column, string>; findings: Finding[] } {
  const { maxBytes, systemColumns } = naming.rules;
  const results = tables.map((table) =>
    assignNames(
      table.columns.map((column) => ({
        item: column,
        object: `${table.name}.${column.name}`,
        requested: requests.columnNames.get(column) ?? null,
        path: `mapping.tables.${table.name}.columns.${column.name}.name`,
      })),
      new Namespace(maxBytes, systemColumns),
      naming,
      { what: 'column', refused: systemColumns },
    ),
  );
  return {
    columns: new Map(results.flatMap(({ names }) => [...names])),
    findings: results.flatMap(({ findings }) => findings),
  };
}
