import type { Catalog, Column, Table, TableFacts } from '../catalog';
import type { Finding } from '../finding';
import type { Mapping, TableFilter } from '../mapping';
import type { PlannedColumn, PlannedTable, ValuePolicies } from '../plan';
import { applyMapping, type ParseType, type Requests } from './applyMapping';
import type { Naming } from './assignNames';
import { chooseKey } from './chooseKey';
import { Namespace, type NameRules } from './identifiers';
import { findInKeys } from './keyFindings';
import { findLeftBehind, findOtherObjects } from './leftBehind';
import { factsOf } from './lookup';
import { nameColumns } from './nameColumns';
import { nameRelations, nameTables } from './nameRelations';
import { planForeignKeys, type TableBeforeKeys } from './planForeignKeys';
import { planKeys, type TableKeys } from './planKeys';
import { refineTypes } from './refineTypes';
import { findUnusedPatterns, selectTables } from './selectTables';
import type { SettledType } from './settledType';
import { settleValues } from './settleValues';

export interface PlanOptions {
  readonly filter: TableFilter;
  readonly mapping: Mapping;
  readonly targetSchema: string;
  readonly names: NameRules;
  readonly parseType: ParseType;
}

/**
 * Decides what becomes of each table that is moved, its columns, keys and foreign keys: from the source's catalog, what
 * the data proved, and what the input asks for. Everything that is not carried over as it is has a finding. The same
 * input always gives the same plan. Errors: NO_TABLES, MAPPING_INVALID.
 */
export function planTables(
  catalog: Catalog,
  facts: ReadonlyMap<string, TableFacts>,
  options: PlanOptions,
): { tables: PlannedTable[]; findings: Finding[] } {
  const { filter, mapping, names: rules, parseType } = options;
  const tables = selectTables(catalog, filter);
  const naming: Naming = { rules, fold: mapping.identifiers === 'lower' ? rules.fold : (name) => name };
  const asked = applyMapping(catalog, tables, mapping, parseType);
  const types = refineTypes(tables, facts, asked.requests, rules.maxBytes);
  const shaped = shapeTables(tables, facts, types, asked.requests, mapping, naming);
  const named = nameObjects(shaped.tables, asked.requests, options.targetSchema, naming);

  const planned = planForeignKeys(named.tables, facts, mapping.orphans, naming);
  const findings = [
    ...findUnusedPatterns(catalog, filter),
    ...asked.findings,
    ...named.findings,
    ...shaped.findings,
    ...planned.findings,
    ...findInKeys(planned.tables),
    ...planned.tables.flatMap(findLeftBehind),
    ...findOtherObjects(catalog, tables),
  ];
  return { tables: planned.tables, findings };
}

/** A table with its columns and keys, before schema-wide names are given. */
interface ShapedTable {
  readonly table: Table;
  readonly columns: readonly PlannedColumn[];
  readonly keys: TableKeys;
}

function shapeTables(
  tables: readonly Table[],
  facts: ReadonlyMap<string, TableFacts>,
  types: ReadonlyMap<Column, SettledType>,
  requests: Requests,
  mapping: Mapping,
  naming: Naming,
): { tables: ShapedTable[]; findings: Finding[] } {
  const names = nameColumns(tables, requests, naming);
  const findings = [...names.findings];
  const policies: ValuePolicies = {
    zeroDates: mapping.zeroDates,
    nulCharacters: mapping.nulCharacters,
    invalidEnums: mapping.invalidEnums,
  };
  const shaped = tables.map((table): ShapedTable => {
    const columns = table.columns.map((column): PlannedColumn => {
      const { type, mappedType, finding } = types.get(column) ?? { type: column.type, mappedType: null, finding: null };
      const values = settleValues(table, column, type, factsOf(facts, table, column), policies);
      findings.push(...(finding ? [finding] : []), ...values.findings);
      const targetName = names.columns.get(column) ?? column.name;
      return { source: column, targetName, type, mappedType, nullable: values.nullable, policies };
    });
    const keys = planKeys(table, columns);
    findings.push(...keys.findings);
    return { table, columns, keys };
  });
  return { tables: shaped, findings };
}

function nameObjects(
  shaped: readonly ShapedTable[],
  requests: Requests,
  targetSchema: string,
  naming: Naming,
): { tables: TableBeforeKeys[]; findings: Finding[] } {
  const relations = new Namespace(naming.rules.maxBytes);
  const tableNames = nameTables(
    shaped.map(({ table }) => table),
    requests,
    relations,
    naming,
  );
  const named = nameRelations(
    shaped.map(({ table, columns, keys }) => ({
      table,
      name: tableNames.names.get(table) ?? table.name,
      columns,
      keys,
    })),
    relations,
    naming,
  );
  const tables = shaped.map(({ table, columns, keys }): TableBeforeKeys => {
    const chunkKey = chooseKey(table, columns);
    const primaryKeyName = named.primaryKeys.get(table);
    return {
      source: table,
      targetSchema,
      targetName: tableNames.names.get(table) ?? table.name,
      columns: columns.map((column) => withTypeName(column, named.types.get(column.source))),
      chunkKey: chunkKey.columns,
      keyOrdersAlike: chunkKey.ordersAlike,
      primaryKey:
        keys.primaryKey && primaryKeyName !== undefined
          ? { name: primaryKeyName, columns: keys.primaryKey.map(({ targetName }) => targetName) }
          : null,
      indexes: keys.indexes.map((index) => ({
        source: index.source,
        targetName: named.indexes.get(index) ?? index.source.name,
        ...(index.nullsNotDistinct ? { nullsNotDistinct: true } : {}),
      })),
    };
  });
  return { tables, findings: [...tableNames.findings, ...named.findings] };
}

function withTypeName(column: PlannedColumn, typeName: string | undefined): PlannedColumn {
  return typeName === undefined ? column : { ...column, typeName };
}
