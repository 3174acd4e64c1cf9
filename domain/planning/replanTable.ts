import { integerRange, type CanonicalType } from '../canonicalType';
import type { Catalog, Column, ColumnFacts, Table, TableFacts } from '../catalog';
import { assert } from '../errors';
import type { Mapping, TableMapping } from '../mapping';
import type { PlannedColumn, PlannedIndex, PlannedTable } from '../plan';
import { lookupByName, ownEntry } from './lookup';
import { sameButName, type FormerNames } from './planAlteration';
import { planTables, type PlanOptions } from './planTables';

/** A table that is planned anew, and what is known of its rows under its columns' present names. */
export interface Replanned {
  readonly table: PlannedTable;
  readonly facts: TableFacts | null;
}

/**
 * Plans a table of which the rows are on the target already as its source has it now. What did not change keeps its
 * names and types, whatever the planner would choose today, because the target has it so; what the data proved of a
 * column counts no more once the column holds more, but that it fitted into the former type. The source must have the table, and it must be selected. Pure. Errors:
 * MAPPING_INVALID for a type asked for that cannot hold a column's values any more.
 */
export function replanTable(
  before: PlannedTable,
  former: FormerNames,
  catalog: Catalog,
  facts: ReadonlyMap<string, TableFacts>,
  options: PlanOptions,
): Replanned {
  const { name } = before.source;
  const now = catalog.tables.find((table) => table.name === name);
  assert(now, `the source has the table ${name} that is planned anew`);
  const known = new Map(before.columns.map((column) => [column.source.name, column]));
  const earlier = (column: Column): PlannedColumn | undefined => known.get(former.get(column.name) ?? column.name);
  const own = factsNow(now, facts.get(name), earlier);
  const all = new Map(facts);
  if (own !== null) all.set(name, own);
  const mapping = mappingNow(options.mapping, catalog, name, former);
  const { tables } = planTables(catalog, all, { ...options, mapping });
  const planned = tables.find(({ source }) => source.name === name);
  assert(planned, `table ${name} is selected`);
  const indexes = new Map(before.indexes.map((index) => [index.source.name, index]));
  const table: PlannedTable = {
    ...planned,
    targetName: before.targetName,
    columns: planned.columns.map((column) => asBefore(column, earlier(column.source))),
    primaryKey:
      planned.primaryKey && before.primaryKey
        ? { ...planned.primaryKey, name: before.primaryKey.name }
        : planned.primaryKey,
    indexes: planned.indexes.map((index) => namedAsBefore(index, indexes.get(index.source.name))),
  };
  return { table, facts: own };
}

/** The planned column, with what the target has of it already. */
function asBefore(planned: PlannedColumn, before: PlannedColumn | undefined): PlannedColumn {
  if (before === undefined) return planned;
  const { source } = planned;
  const isNamedAlike = before.source.name === source.name;
  const targetName = isNamedAlike ? before.targetName : planned.targetName;
  if (sameButName(before.source, source)) return { ...before, source, targetName };
  const { policies, typeName } = before;
  const nullable = before.source.nullable === source.nullable ? before.nullable : planned.nullable;
  const named = typeName === undefined || planned.type.kind !== 'enum' ? {} : { typeName };
  return { ...planned, targetName, nullable, policies, ...named };
}

function namedAsBefore(planned: PlannedIndex, before: PlannedIndex | undefined): PlannedIndex {
  return before === undefined ? planned : { ...planned, targetName: before.targetName };
}

function factsNow(
  now: Table,
  facts: TableFacts | undefined,
  earlier: (column: Column) => PlannedColumn | undefined,
): TableFacts | null {
  if (facts === undefined) return null;
  const columns = now.columns.flatMap((column) => {
    const before = earlier(column);
    if (before === undefined) return [];
    const proven = sameButName(before.source, column)
      ? ownEntry(facts.columns, before.source.name)
      : boundsOf(before.source.type);
    return proven === undefined ? [] : [[column.name, proven] as const];
  });
  return { ...facts, columns: Object.fromEntries(columns) };
}

/** Of a column that holds more now, the rows that are there prove no more than that they fitted into the former type. */
function boundsOf(former: CanonicalType): ColumnFacts | undefined {
  if (former.kind !== 'integer') return undefined;
  const { min, max } = integerRange(former);
  return { min: String(min), max: String(max) };
}

/** What the mapping asks for of tables and columns that are there, by the names that the table's columns have now. */
function mappingNow(mapping: Mapping, catalog: Catalog, name: string, former: FormerNames): Mapping {
  const tableNamed = lookupByName(catalog.tables);
  const tables = Object.entries(mapping.tables).flatMap(([key, wanted]): [string, TableMapping][] => {
    const table = tableNamed(key);
    if (table === undefined) return [];
    const renamed = table.name === name ? former : new Map<string, string>();
    const wantedFor = (column: Column): TableMapping['columns'][string] | undefined => {
      const was = (renamed.get(column.name) ?? column.name).toLowerCase();
      return Object.entries(wanted.columns).find(([given]) => given.toLowerCase() === was)?.[1];
    };
    const columns = table.columns.flatMap((column) => {
      const asked = wantedFor(column);
      return asked === undefined ? [] : [[column.name, asked] as const];
    });
    return [[key, { ...wanted, columns: Object.fromEntries(columns) }]];
  });
  return { ...mapping, tables: Object.fromEntries(tables) };
}
