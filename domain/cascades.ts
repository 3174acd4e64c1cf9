import type { ReferentialAction } from './catalog';
import { assert } from './errors';
import type { PlannedTable } from './plan';

/** What a foreign key of the source does to rows when the row they refer to goes or changes its key. */
export interface CascadeRule {
  /** The places of both tables in the list that was given. */
  readonly child: number;
  readonly parent: number;
  /** Places among the planned columns of each, in the order of the key. */
  readonly columns: readonly number[];
  readonly referenced: readonly number[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
}

/** The rules between these tables that change rows by themselves; the others only forbid. */
export function cascadeRules(tables: readonly PlannedTable[]): CascadeRule[] {
  const places = new Map(tables.map(({ source }, place) => [source.name, place]));
  return tables.flatMap((table, child) =>
    table.source.foreignKeys.flatMap(({ referencedSchema, referencedTable, onDelete, onUpdate, ...key }) => {
      const parent = referencedSchema === null ? places.get(referencedTable) : undefined;
      if (parent === undefined || !(changesRows(onDelete) || changesRows(onUpdate))) return [];
      const columns = key.columns.map((name) => placeOf(table, name));
      const referenced = key.referencedColumns.map((name) => placeOf(tables[parent] as PlannedTable, name));
      return [{ child, parent, columns, referenced, onDelete, onUpdate }];
    }),
  );
}

/** SET DEFAULT does not: InnoDB refuses such a key (MySQL manual, "FOREIGN KEY Constraints"). */
export function changesRows(action: ReferentialAction): boolean {
  return action === 'CASCADE' || action === 'SET NULL';
}

function placeOf(table: PlannedTable, column: string): number {
  const place = table.columns.findIndex(({ source }) => source.name === column);
  assert(place >= 0, `a foreign key's column is planned: ${table.source.name}.${column}`);
  return place;
}
