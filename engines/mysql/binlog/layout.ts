import type { Column } from '../../../domain/catalog';
import { MigrationError } from '../../../domain/errors';
import type { PlannedTable } from '../../../domain/plan';
import type { CellReader } from './cells/cellReader';
import { readerOf } from './readers';
import { storedSize } from './storage';
import type { LoggedColumn, TableMap } from './tableMap';
import { misfit } from './misfit';

/** A column of a table that is streamed, in the log's order. */
export interface LaidOutColumn {
  readonly name: string;
  /** The column's place in the plan; -1 when it is not in the plan. */
  readonly planned: number;
  readonly read: CellReader;
}

/** A streamed table as the log holds its rows. */
export interface Layout {
  /** The table's place among those that are streamed. */
  readonly table: number;
  readonly name: string;
  readonly transactional: boolean;
  readonly plannedColumns: number;
  readonly columns: readonly LaidOutColumn[];
}

/** What of a column only the server can say: the bytes of a SET's labels in the column's own character set. */
export interface SetLabels {
  readonly labels: readonly Buffer[];
  readonly comma: Buffer;
}

/** Labels by table and column, as `labelKey` joins them. */
export type LabelBytes = ReadonlyMap<string, SetLabels>;

export function labelKey(table: string, column: string): string {
  return JSON.stringify([table, column]);
}

/** How to read the rows of a planned table. Errors: LOG_UNREADABLE when the log's table is not the planned one. */
export function layOut(map: TableMap, planned: PlannedTable, table: number, labels: LabelBytes): Layout {
  const { columns } = planned.source;
  const name = planned.source.name;
  if (map.columns.length !== columns.length) {
    throw unreadable(name, `has ${map.columns.length} columns in the log, and ${columns.length} in the plan`);
  }
  const places = new Map(planned.columns.map(({ source }, place) => [source.name, place]));
  return {
    table,
    name,
    transactional: planned.source.transactional,
    plannedColumns: planned.columns.length,
    columns: map.columns.map((logged, index) => {
      const column = columns[index] as Column;
      const place = places.get(column.name) ?? -1;
      checkFit(name, column, logged);
      const read =
        place < 0 ? skipper(logged) : readerOf(column, logged, labels.get(labelKey(name, column.name)) ?? null);
      if (read === null)
        throw unreadable(`${name}.${column.name}`, `is logged as a type that is not known (${logged.type})`);
      return { name: column.name, planned: place, read };
    }),
  };
}

/** Also of a column that is not planned: where it is another one, the next column would not be found. */
function checkFit(table: string, column: Column, logged: LoggedColumn): void {
  const difference = column.type.kind === 'unsupported' ? null : misfit(column, logged);
  if (difference !== null) {
    throw unreadable(`${table}.${column.name}`, `${difference} (${column.declaredType} in the plan)`);
  }
}

function skipper(logged: LoggedColumn): CellReader | null {
  const size = storedSize(logged);
  if (size === null) return null;
  if ('fixed' in size) return (row) => (row.at += size.fixed);
  return (row) => {
    const length = row.uint(size.prefix);
    row.at += length;
  };
}

export function unreadable(what: string, why: string): MigrationError {
  return new MigrationError('LOG_UNREADABLE', `${what} ${why}`);
}

/** An error of ours as it is; any other, such as one of reading beyond an end, as LOG_UNREADABLE. */
export function asUnreadable(error: unknown, what: string, why: string): MigrationError {
  if (error instanceof MigrationError) return error;
  return unreadable(what, `${why}: ${error instanceof Error ? error.message : String(error)}`);
}
