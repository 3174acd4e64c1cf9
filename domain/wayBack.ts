import type { Column, IndexPart, Table } from './catalog';
import { assert } from './errors';
import type { Finding } from './finding';
import type { PlannedColumn, PlannedTable, TablePlan } from './plan';

/** The way back: what the application writes on the target, brought into the tables that the source has already. */
export interface WayBack {
  /** Plans with the roles swapped: the target's tables are the source of the changes, the source's tables take them. */
  readonly tables: readonly TablePlan[];
  /** One for each table whose changes cannot be taken back: what is written to it is lost by a rollback. */
  readonly findings: readonly Finding[];
}

/** The plan of the way back of a migration that is planned so. */
export function planWayBack(plans: readonly TablePlan[]): WayBack {
  const tables: TablePlan[] = [];
  const findings: Finding[] = [];
  for (const plan of plans) {
    const reason = whyImpossible(plan.table);
    if (reason === null) tables.push(swapped(plan));
    else findings.push(impossible(plan.table.source.name, reason));
  }
  return { tables, findings };
}

/** Says that what is written to a table, by its source name, cannot be taken back. */
export function impossible(table: string, reason: string): Finding {
  return { code: 'WAY_BACK_IMPOSSIBLE', severity: 'blocking', object: table, source: 'a table', target: '', reason };
}

function whyImpossible({ source, chunkKey, columns }: PlannedTable): string | null {
  if (chunkKey === null) return 'it has no primary key and no unique key that is never NULL, by which rows are found';
  if (!source.transactional)
    return 'its storage engine has no transactions: a change could be half made, or made twice';
  const hollow = columns.find((column) => chunkKey.includes(column.source.name) && column.nullable);
  if (hollow !== undefined) {
    return `its key has the column ${hollow.source.name}, in which several of its values became NULL on the target`;
  }
  return null;
}

function swapped({ table, ddl }: TablePlan): TablePlan {
  const taken = table.columns.map((column, place) => {
    const native = ddl.nativeTypes[place];
    assert(native !== undefined, 'a planned column has a native type');
    return swapColumn(column, native);
  });
  const planned: PlannedTable = {
    source: {
      ...table.source,
      name: table.targetName,
      columns: taken.map(({ source }) => source),
      primaryKey: null,
      indexes: [],
      // What they do is done by the target's server, and is in its log.
      foreignKeys: [],
      checks: [],
      comment: '',
      partitioned: false,
      definition: '',
    },
    // The database of the source's connection.
    targetSchema: '',
    targetName: table.source.name,
    columns: taken,
    chunkKey: (table.chunkKey ?? []).map((name) => targetNameOf(table, name)),
    keyOrdersAlike: table.keyOrdersAlike,
    primaryKey: { name: keyIndex(table.source, table.chunkKey ?? []), columns: table.chunkKey ?? [] },
    indexes: [],
    foreignKeys: [],
  };
  const nativeTypes = table.columns.map(({ source }) => source.declaredType);
  return { table: planned, ddl: { nativeTypes, create: [], build: [], foreignKeys: [], grants: [] } };
}

/** The target's column becomes the source of the cells, and the source's own what they are written into. */
function swapColumn({ source, targetName, type, nullable, policies }: PlannedColumn, native: string): PlannedColumn {
  const logged: Column = {
    name: targetName,
    declaredType: native,
    type,
    nullable,
    default: null,
    identity: null,
    generated: null,
    updatesItself: false,
    comment: '',
    charset: null,
    collation: null,
  };
  return {
    source: logged,
    targetName: source.name,
    type: source.type,
    mappedType: null,
    nullable: source.nullable,
    policies,
  };
}

function targetNameOf({ columns, source }: PlannedTable, name: string): string {
  const column = columns.find((each) => each.source.name === name);
  assert(column, `the key of ${source.name} is made of planned columns`);
  return column.targetName;
}

/** The name of the source's index on exactly these columns. */
function keyIndex({ name, primaryKey, indexes }: Table, key: readonly string[]): string {
  const isKey = (parts: readonly IndexPart[]): boolean =>
    parts.length === key.length && parts.every(({ column }, place) => column === key[place]);
  if (primaryKey !== null && isKey(primaryKey)) return 'PRIMARY';
  const index = indexes.find(({ unique, parts }) => unique && isKey(parts));
  assert(index, `the key of ${name} is one of its unique indexes`);
  return index.name;
}
