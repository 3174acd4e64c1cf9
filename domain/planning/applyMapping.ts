import type { CanonicalType } from '../canonicalType';
import type { Catalog, Column, Table } from '../catalog';
import { MigrationError } from '../errors';
import type { Finding } from '../finding';
import type { Mapping, TableMapping } from '../mapping';
import { listNames } from './listNames';
import { lookupByName } from './lookup';

/** Reads a type as the mapping spells it; null when the target cannot write it. */
export type ParseType = (spelling: string) => CanonicalType | null;

/** A type the input asks for, and where it does. */
export interface RequestedType {
  readonly type: CanonicalType;
  readonly spelling: string;
  /** The key path, for messages: `mapping.types[0].to`. */
  readonly path: string;
}

/** What the mapping asks for, found in the catalog. What it does not mention is absent. */
export interface Requests {
  readonly tableNames: ReadonlyMap<Table, string>;
  readonly columnNames: ReadonlyMap<Column, string>;
  readonly types: ReadonlyMap<Column, RequestedType>;
}

type WritableRequests = {
  readonly [part in keyof Requests]: Requests[part] extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never;
};

/**
 * Finds what the mapping names in the catalog, for the tables that are moved; a column's own type goes before the
 * rules, of which the first that matches holds. Errors: MAPPING_INVALID for a table or column that is not there, and
 * for a type that the target cannot write.
 */
export function applyMapping(
  catalog: Catalog,
  tables: readonly Table[],
  mapping: Mapping,
  parseType: ParseType,
): { requests: Requests; findings: Finding[] } {
  const rules = readRules(mapping, parseType);
  const requests: WritableRequests = { tableNames: new Map(), columnNames: new Map(), types: new Map() };
  for (const table of tables) {
    for (const column of table.columns) {
      const rule = rules.find(({ matches }) => matches(column.declaredType));
      if (rule === undefined) continue;
      rule.used = true;
      requests.types.set(column, rule.request);
    }
  }
  const tableNamed = lookupByName(catalog.tables);
  for (const [name, wanted] of Object.entries(mapping.tables)) {
    const path = `mapping.tables.${name}`;
    const table = tableNamed(name);
    if (table === undefined) {
      throw invalid(`${path}: the source has no table of that name; it has: ${listNames(catalog.tables)}`);
    }
    if (tables.includes(table)) requestForTable(requests, table, wanted, path, parseType);
  }
  return { requests, findings: rules.filter(({ used }) => !used).map(unusedRule) };
}

function requestForTable(
  requests: WritableRequests,
  table: Table,
  wanted: TableMapping,
  tablePath: string,
  parseType: ParseType,
): void {
  if (wanted.name !== undefined) requests.tableNames.set(table, wanted.name);
  const columnNamed = lookupByName(table.columns);
  for (const [name, { name: targetName, type }] of Object.entries(wanted.columns)) {
    const path = `${tablePath}.columns.${name}`;
    const column = columnNamed(name);
    if (column === undefined) {
      throw invalid(`${path}: the table has no column of that name; it has: ${listNames(table.columns)}`);
    }
    if (targetName !== undefined) requests.columnNames.set(column, targetName);
    if (type !== undefined) requests.types.set(column, readType(type, `${path}.type`, parseType));
  }
}

interface Rule {
  readonly path: string;
  readonly from: string;
  readonly request: RequestedType;
  readonly matches: (declaredType: string) => boolean;
  used: boolean;
}

function readRules(mapping: Mapping, parseType: ParseType): Rule[] {
  return mapping.types.map(({ from, to }, position) => {
    const wanted = normalize(from);
    return {
      path: `mapping.types[${position}]`,
      from,
      request: readType(to, `mapping.types[${position}].to`, parseType),
      matches: (declaredType) => {
        const declared = normalize(declaredType);
        return declared === wanted || withoutDisplayWidth(declared) === wanted;
      },
      used: false,
    };
  });
}

function readType(spelling: string, path: string, parseType: ParseType): RequestedType {
  const type = parseType(spelling);
  if (type === null) throw invalid(`${path}: the target has no type "${spelling}" that this release can write`);
  return { type, spelling, path };
}

function normalize(type: string): string {
  return type.replace(/\s+/gu, '').toLowerCase();
}

/** MariaDB still declares int(10), where the number means nothing; only that of tinyint(1) does. */
function withoutDisplayWidth(type: string): string {
  return type.replace(/^((?:small|medium|big)?int|tinyint(?!\(1\)))\(\d+\)/u, '$1');
}

function unusedRule({ path, from, request }: Rule): Finding {
  return {
    code: 'INPUT_WITHOUT_EFFECT',
    severity: 'warning',
    object: path,
    source: from,
    target: request.spelling,
    reason: 'no column that is moved is declared like this, or an earlier rule takes each of them',
  };
}

function invalid(message: string): MigrationError {
  return new MigrationError('MAPPING_INVALID', message);
}
