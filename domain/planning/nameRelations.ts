import type { Column, Index, Table } from '../catalog';
import type { Finding } from '../finding';
import type { PlannedColumn } from '../plan';
import { assignNames, type Naming } from './assignNames';
import type { Requests } from './applyMapping';
import { describeIndex } from './describeObject';
import { byteLength, cutToBytes, joinName, Namespace } from './identifiers';
import type { KeptIndex, TableKeys } from './planKeys';

const NONE: ReadonlySet<string> = new Set();

/** The target name of each table; the first that are taken from what a schema can name once. */
export function nameTables(
  tables: readonly Table[],
  requests: Requests,
  relations: Namespace,
  naming: Naming,
): { names: ReadonlyMap<Table, string>; findings: Finding[] } {
  return assignNames(
    tables.map((table) => ({
      item: table,
      object: table.name,
      requested: requests.tableNames.get(table) ?? null,
      path: `mapping.tables.${table.name}.name`,
    })),
    relations,
    naming,
    { what: 'table', refused: NONE },
  );
}

/** A table with all that its keys' names are made of. */
export interface NamedTable {
  readonly table: Table;
  readonly name: string;
  readonly columns: readonly PlannedColumn[];
  readonly keys: TableKeys;
}

export interface RelationNames {
  readonly primaryKeys: ReadonlyMap<Table, string>;
  readonly indexes: ReadonlyMap<KeptIndex, string>;
  readonly types: ReadonlyMap<Column, string>;
  readonly findings: readonly Finding[];
}

/**
 * Names keys, indexes and enum types. Keys and indexes share a schema's namespace with the tables, while a source names
 * indexes per table: a name that several tables use gets its table's name in front. Types have a namespace of their
 * own, in which each table has a type of its name.
 */
export function nameRelations(tables: readonly NamedTable[], relations: Namespace, naming: Naming): RelationNames {
  const { maxBytes } = naming.rules;
  for (const { name, columns } of tables) {
    for (const { source, targetName } of columns) {
      // The target names an identity's sequence itself, by this pattern.
      if (source.identity) relations.reserve(joinName(maxBytes, name, targetName, 'seq'));
    }
  }
  const primaryKeys = new Map<Table, string>();
  for (const { table, name, keys } of tables) {
    if (keys.primaryKey) primaryKeys.set(table, relations.claim(joinName(maxBytes, name, '', 'pkey')));
  }
  const { names: indexes, findings } = nameIndexes(tables, relations, naming);
  const typeNames = new Namespace(
    maxBytes,
    tables.map(({ name }) => name),
  );
  const types = new Map<Column, string>();
  for (const { name, columns } of tables) {
    for (const { source, targetName, type } of columns) {
      if (type.kind === 'enum') types.set(source, typeNames.claim(joinName(maxBytes, name, targetName)));
    }
  }
  return { primaryKeys, indexes, types, findings };
}

function nameIndexes(
  tables: readonly NamedTable[],
  relations: Namespace,
  { rules: { maxBytes }, fold }: Naming,
): { names: Map<KeptIndex, string>; findings: Finding[] } {
  const names = new Map<KeptIndex, string>();
  const findings: Finding[] = [];
  const uses = countNames(tables, fold);
  const entries = tables.flatMap(({ table, name, keys }) =>
    keys.indexes.map((index) => ({ table, name, keys, index, folded: fold(index.source.name) })),
  );
  const isShared = ({ folded }: (typeof entries)[number]) => (uses.get(folded) ?? 0) > 1;
  // Names that can stay as they are come first, so that none of them is taken by a name that must change anyway.
  for (const entry of [...entries.filter((entry) => !isShared(entry)), ...entries.filter(isShared)]) {
    const { table, name, keys, index, folded } = entry;
    if (index.replacesPrimaryKey) {
      names.set(index, relations.claim(joinName(maxBytes, name, '', keys.primaryKey ? 'prefix_key' : 'key')));
      continue;
    }
    const free = !isShared(entry) && !relations.has(folded);
    const target = relations.claim(free ? folded : joinName(maxBytes, name, folded));
    names.set(index, target);
    if (target !== folded) findings.push(renamed(table, index.source, folded, target, isShared(entry), maxBytes));
  }
  return { names, findings };
}

function countNames(tables: readonly NamedTable[], fold: (name: string) => string): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { keys } of tables) {
    for (const { source, replacesPrimaryKey } of keys.indexes) {
      if (!replacesPrimaryKey) uses.set(fold(source.name), (uses.get(fold(source.name)) ?? 0) + 1);
    }
  }
  return uses;
}

function renamed(
  table: Table,
  index: Index,
  folded: string,
  target: string,
  shared: boolean,
  maxBytes: number,
): Finding {
  const tooLong = byteLength(folded) > maxBytes && target === cutToBytes(folded, maxBytes);
  const clash = shared ? 'several tables have one of this name' : `something else is called ${folded}`;
  return {
    code: tooLong ? 'NAME_CHANGED' : 'NAME_CLASH',
    severity: 'info',
    object: `${table.name}.${index.name}`,
    source: describeIndex(index),
    target,
    reason: tooLong
      ? `names on the target have at most ${maxBytes} bytes`
      : `index names are unique in a schema on the target, and ${clash}`,
  };
}
