import type { PlannedTable } from '../../../domain/plan';
import { conversionOf, type Conversion } from './convert';
import type { RelationColumn, RelationMessage, TypeMessage } from './messages';
import { isReadable, sameType, spellType } from './nativeTypes';
import { unreadable } from './unreadable';

/** A column of a streamed table, in the log's order. */
export interface LaidOutColumn {
  /** The column's place in the plan; -1 when it is not in the plan. */
  readonly planned: number;
  readonly identifies: boolean;
  readonly conversion: Conversion | null;
}

/** A streamed table as the log holds its rows. */
export interface Layout {
  /** The table's place among those that are streamed. */
  readonly table: number;
  readonly name: string;
  readonly plannedColumns: number;
  readonly columns: readonly LaidOutColumn[];
  /** How many cells of one row may need room behind it. */
  readonly roomyCells: number;
}

/**
 * How to read the rows of a planned table. The log has no statements: that a table was altered shows here alone, at the
 * first row behind it, when it is too late to say where the change was made, and whether it rewrote rows without logging
 * them. Errors: LOG_UNREADABLE when the log's table is not the planned one.
 */
export function layOut(
  relation: RelationMessage,
  planned: PlannedTable,
  table: number,
  types: ReadonlyMap<number, TypeMessage>,
): Layout {
  const { name } = planned.source;
  // What is generated is not in the log.
  const expected = planned.source.columns.filter(({ generated }) => generated === null);
  const logged = new Map(relation.columns.map((column) => [column.name, column]));
  const strange = relation.columns.find((column) => !expected.some((known) => known.name === column.name));
  if (strange !== undefined) throw altered(`${name}.${strange.name}`, 'is in the log, and not in the plan');
  for (const column of expected) {
    const where = `${name}.${column.name}`;
    const found = logged.get(column.name);
    if (found === undefined) throw altered(where, 'is in the plan, and not in the log');
    const native = spellType(found, types);
    if (!sameType(native, column.declaredType) || !isReadable(column.type, native)) {
      throw altered(where, `is ${native} in the log, and ${column.declaredType} in the plan`);
    }
  }
  const generated = planned.columns.find(({ source }) => source.generated !== null);
  if (generated !== undefined) throw unreadable(`${name}.${generated.source.name}`, 'is generated, and so not logged');
  const columns = relation.columns.map((column) => laidOut(column, planned));
  return {
    table,
    name,
    plannedColumns: planned.columns.length,
    columns,
    roomyCells: columns.filter(({ conversion }) => conversion?.needsRoom === true).length * 2,
  };
}

function laidOut({ name, identifies }: RelationColumn, { source, columns }: PlannedTable): LaidOutColumn {
  const planned = columns.findIndex((column) => column.source.name === name);
  const type = columns[planned]?.source.type;
  const conversion = type === undefined ? null : conversionOf(type, `${source.name}.${name}`);
  return { planned, identifies, conversion };
}

function altered(what: string, why: string): Error {
  return unreadable(what, `${why}: the table was altered, and the change log does not say where`);
}
