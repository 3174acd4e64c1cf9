import type { Finding } from '../finding';
import type { Mapping } from '../mapping';
import type { PlannedColumn, PlannedTable } from '../plan';
import type { ParseType } from './applyMapping';
import { whyNotConvertible } from './convertible';

/** A column that a target has, with its type as the target spells it. */
export interface StoredColumn {
  readonly type: string;
  readonly isEnum: boolean;
}

/** Tables that a target has, by name, each with its columns by name. */
export type StoredTables = ReadonlyMap<string, ReadonlyMap<string, StoredColumn>>;

/** A planned table, and the target's type of each column in plan order. */
export interface TypedTable {
  readonly table: PlannedTable;
  readonly nativeTypes: readonly string[];
}

export interface TargetMatch {
  /** Types to ask for, so that the plan has what the target has: source table, source column, the target's spelling. */
  readonly types: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Columns that cannot be compared, by source table; a table that cannot be compared at all is in `missing`. */
  readonly leftOut: ReadonlyMap<string, ReadonlySet<string>>;
  readonly missing: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/**
 * Finds what a plan says in the tables that a target has, whoever made them. A type other than planned is taken as it
 * is, when values of the source's type can become it exactly.
 */
export function matchTarget(tables: readonly TypedTable[], stored: StoredTables, parseType: ParseType): TargetMatch {
  const types = new Map<string, Map<string, string>>();
  const leftOut = new Map<string, Set<string>>();
  const missing = new Set<string>();
  const findings: Finding[] = [];
  for (const { table, nativeTypes } of tables) {
    const { name } = table.source;
    const place = `${table.targetSchema}.${table.targetName}`;
    const columns = stored.get(table.targetName);
    if (columns === undefined) {
      missing.add(name);
      findings.push(
        blocking(
          'TARGET_TABLE_MISSING',
          name,
          '',
          place,
          'the target has no such table: none of its rows can be compared',
        ),
      );
      continue;
    }
    const [asked, without] = [new Map<string, string>(), new Set<string>()];
    for (const [index, column] of table.columns.entries()) {
      const { name: source, declaredType } = column.source;
      const has = columns.get(column.targetName);
      const object = `${name}.${source}`;
      const matched = has === undefined ? null : matchType(column, nativeTypes[index] ?? '', has, parseType);
      if (matched?.kind === 'as planned') continue;
      if (matched?.kind === 'as stored') {
        asked.set(source, matched.type);
        continue;
      }
      without.add(source);
      const target = `${place}.${column.targetName}${has === undefined ? '' : ` ${has.type}`}`;
      findings.push(
        matched === null
          ? blocking(
              'TARGET_COLUMN_MISSING',
              object,
              declaredType,
              target,
              'the target table has no such column: its values are not compared',
            )
          : blocking('NOT_COMPARABLE', object, declaredType, target, `${matched.why}: its values are not compared`),
      );
    }
    if (table.chunkKey?.some((key) => without.has(key)) === true || without.size === table.columns.length) {
      missing.add(name);
      findings.push(
        blocking(
          'NOT_COMPARABLE',
          name,
          '',
          place,
          'rows cannot be told apart without those columns: none of them can be compared',
        ),
      );
    }
    types.set(name, asked);
    leftOut.set(name, without);
  }
  return { types, leftOut, missing, findings };
}

type MatchedType =
  | { readonly kind: 'as planned' }
  | { readonly kind: 'as stored'; readonly type: string }
  | { readonly kind: 'not comparable'; readonly why: string };

function matchType(column: PlannedColumn, native: string, has: StoredColumn, parseType: ParseType): MatchedType {
  if (column.type.kind === 'unsupported') return { kind: 'not comparable', why: column.type.reason };
  if (has.type === native || (has.isEnum && column.type.kind === 'enum')) return { kind: 'as planned' };
  const [actual, planned] = [parseType(has.type), parseType(native)];
  if (actual === null) return { kind: 'not comparable', why: `${has.type} is no type that values are compared in` };
  if (planned !== null && JSON.stringify(actual) === JSON.stringify(planned)) return { kind: 'as planned' };
  const why = whyNotConvertible(column.source.type, actual, {});
  return why === null ? { kind: 'as stored', type: has.type } : { kind: 'not comparable', why };
}

function blocking(code: Finding['code'], object: string, source: string, target: string, reason: string): Finding {
  return { code, severity: 'blocking', object, source, target, reason };
}

/** The mapping with the types that a match asks for. */
export function mappingFor(mapping: Mapping, { types }: TargetMatch): Mapping {
  const tables = { ...mapping.tables };
  for (const [table, columns] of types) {
    if (columns.size === 0) continue;
    const given = tables[table] ?? { columns: {} };
    const asked = [...columns].map(([column, type]) => [column, { ...given.columns[column], type }] as const);
    tables[table] = { ...given, columns: { ...given.columns, ...Object.fromEntries(asked) } };
  }
  return { ...mapping, tables };
}
