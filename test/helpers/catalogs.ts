import type { CanonicalType } from '../../domain/canonicalType';
import type { Catalog, Column, ForeignKey, Index, IndexPart, Table, TableFacts } from '../../domain/catalog';
import { mappingSchema, tablesFilterSchema } from '../../domain/mapping';
import type { z } from 'zod';
import { planTables } from '../../domain/planning';
import { postgresNames } from '../../engines/postgres/names';
import { parseType } from '../../engines/postgres/types';

/** A column as MySQL would declare it; what a test does not care about has the most ordinary value. */
export function column(name: string, declaredType: string, type: CanonicalType, rest: Partial<Column> = {}): Column {
  return {
    name,
    declaredType,
    type,
    nullable: true,
    default: null,
    identity: null,
    generated: null,
    updatesItself: false,
    comment: '',
    charset: type.kind === 'text' ? 'utf8mb4' : null,
    collation: type.kind === 'text' ? 'utf8mb4_bin' : null,
    ...rest,
  };
}

export const INT: CanonicalType = { kind: 'integer', bits: 32, unsigned: false };
export const BIGINT_UNSIGNED: CanonicalType = { kind: 'integer', bits: 64, unsigned: true };
export const TINYINT_1: CanonicalType = { kind: 'integer', bits: 8, unsigned: false, display1: true };

export function idColumn(rest: Partial<Column> = {}): Column {
  return column('id', 'int', INT, { nullable: false, ...rest });
}

export function parts(...columns: (string | [column: string, rest: Partial<IndexPart>])[]): IndexPart[] {
  return columns.map((given) => {
    const [name, rest] = typeof given === 'string' ? [given, {}] : given;
    return { column: name, expression: null, prefix: null, descending: false, ...rest };
  });
}

export function index(name: string, indexed: IndexPart[], rest: Partial<Index> = {}): Index {
  return { name, unique: false, kind: 'plain', parts: indexed, visible: true, ...rest };
}

export function foreignKey(
  name: string,
  columns: string[],
  referencedTable: string,
  referencedColumns: string[],
  rest: Partial<ForeignKey> = {},
): ForeignKey {
  const actions = { onDelete: 'NO ACTION', onUpdate: 'NO ACTION' } as const;
  return { name, columns, referencedSchema: null, referencedTable, referencedColumns, ...actions, ...rest };
}

export function table(name: string, columns: Column[], rest: Partial<Table> = {}): Table {
  return {
    name,
    columns,
    primaryKey: columns.some((c) => c.name === 'id') ? parts('id') : null,
    indexes: [],
    foreignKeys: [],
    checks: [],
    comment: '',
    estimatedRows: 0,
    bytes: 0,
    transactional: true,
    partitioned: false,
    definition: `CREATE TABLE ${name}`,
    ...rest,
  };
}

export function catalog(tables: Table[], others: Catalog['others'] = []): Catalog {
  return { tables, others };
}

/** Facts by table; a table's facts may leave out what the test does not care about. */
export function facts(tables: Record<string, Partial<TableFacts>>): Map<string, TableFacts> {
  return new Map(Object.entries(tables).map(([name, some]) => [name, { rows: 10, columns: {}, orphans: {}, ...some }]));
}

/** The plan for PostgreSQL of the whole catalog, with the mapping's defaults but for what is given. */
export function plan(
  source: Catalog,
  proven: ReadonlyMap<string, TableFacts> = new Map(),
  mapping: z.input<typeof mappingSchema> = {},
  filter: z.input<typeof tablesFilterSchema> = {},
): ReturnType<typeof planTables> {
  return planTables(source, proven, {
    filter: tablesFilterSchema.parse(filter),
    mapping: mappingSchema.parse(mapping),
    targetSchema: 'public',
    names: postgresNames,
    parseType,
  });
}
