import type { CanonicalType } from '../canonicalType';
import type { Index, IndexPart, Table } from '../catalog';
import { assert } from '../errors';
import type { Finding } from '../finding';
import type { PlannedColumn } from '../plan';
import { PRIMARY, describeIndex } from './describeObject';
import { columnOf } from './lookup';

/** A table's keys and indexes as the target gets them, before they are named. */
export interface TableKeys {
  /** Of the primary key, in key order; null when the table gets none. */
  readonly primaryKey: readonly PlannedColumn[] | null;
  readonly indexes: readonly KeptIndex[];
  readonly findings: readonly Finding[];
}

export interface KeptIndex {
  readonly source: Index;
  /** True for what is left of a primary key that cannot be one. */
  readonly replacesPrimaryKey: boolean;
  readonly nullsNotDistinct: boolean;
}

/** Which keys and indexes a table keeps, and in what form. */
export function planKeys(table: Table, columns: readonly PlannedColumn[]): TableKeys {
  const primary = planPrimaryKey(table, columns);
  const indexes: KeptIndex[] = [...primary.indexes];
  const findings: Finding[] = [...primary.findings];
  for (const index of table.indexes) {
    const lost = whyNotTranslated(table, index, columns);
    if (lost !== null) findings.push(notTranslated(table, index, lost));
    else {
      indexes.push({ source: index, replacesPrimaryKey: false, nullsNotDistinct: false });
      findings.push(...describeChanges(table, index, columns));
    }
  }
  return { primaryKey: primary.columns, indexes, findings };
}

/**
 * How many characters or bytes of a column an index holds on the target; null for the whole value, also where the
 * prefix is no shorter than any value can be.
 */
export function prefixOf(part: IndexPart, type: CanonicalType): number | null {
  if (part.prefix === null || (type.kind !== 'text' && type.kind !== 'bytes')) return null;
  return type.length !== null && part.prefix >= type.length ? null : part.prefix;
}

/** The planned column of a part; parts that are expressions have been left out before. */
export function plannedPart(table: Table, columns: readonly PlannedColumn[], part: IndexPart): PlannedColumn {
  assert(part.column !== null, `index parts of ${table.name} that are translated are columns`);
  const column = columnOf(table, part.column);
  const planned = columns.find(({ source }) => source.name === column.name);
  assert(planned, `column ${column.name} of ${table.name} is planned`);
  return planned;
}

function planPrimaryKey(
  table: Table,
  columns: readonly PlannedColumn[],
): { columns: PlannedColumn[] | null; indexes: KeptIndex[]; findings: Finding[] } {
  if (table.primaryKey === null) return { columns: null, indexes: [], findings: [] };
  const parts = table.primaryKey;
  const index: Index = { name: PRIMARY, unique: true, kind: 'plain', parts, visible: true };
  const lost = whyNotTranslated(table, index, columns);
  if (lost !== null) return { columns: null, indexes: [], findings: [notTranslated(table, index, lost)] };
  const planned = parts.map((part) => plannedPart(table, columns, part));
  if (planned.some(({ nullable }) => nullable)) {
    const finding = changed(
      table,
      index,
      'a unique index, in which NULL is one value where the target can',
      'a primary key admits no NULL',
    );
    const replacement = { source: index, replacesPrimaryKey: true, nullsNotDistinct: true };
    return { columns: null, indexes: [replacement], findings: [finding] };
  }
  if (parts.every((part) => prefixOf(part, plannedPart(table, columns, part).type) === null)) {
    return { columns: planned, indexes: [], findings: [] };
  }
  const finding = changed(
    table,
    index,
    'primary key on the whole columns, and a unique index on the prefix',
    'a primary key on the target has no prefix lengths',
  );
  const replacement = { source: index, replacesPrimaryKey: true, nullsNotDistinct: false };
  return { columns: planned, indexes: [replacement], findings: [finding] };
}

function whyNotTranslated(table: Table, index: Index, columns: readonly PlannedColumn[]): string | null {
  if (index.kind !== 'plain') {
    const kind = { fulltext: 'full-text', spatial: 'spatial', multiValued: 'multi-valued' }[index.kind];
    return `${kind} indexes are not translated yet`;
  }
  for (const part of index.parts) {
    if (part.column === null) return 'indexes on expressions are not translated yet';
    const { type, source } = plannedPart(table, columns, part);
    if (type.kind === 'json' || type.kind === 'unsupported') {
      return `its column ${source.name} has no order on the target (${type.kind})`;
    }
  }
  return null;
}

function notTranslated(table: Table, index: Index, why: string): Finding {
  return {
    code: 'INDEX_NOT_TRANSLATED',
    severity: 'warning',
    object: `${table.name}.${index.name}`,
    source: describeIndex(index),
    target: '',
    reason: index.unique ? `${why}; what it keeps unique is not kept so on the target` : why,
  };
}

function describeChanges(table: Table, index: Index, columns: readonly PlannedColumn[]): Finding[] {
  const forms: string[] = [];
  for (const part of index.parts) {
    const { type, source } = plannedPart(table, columns, part);
    const prefix = prefixOf(part, type);
    if (prefix !== null) forms.push(`an expression holds the first ${prefix} of ${source.name}`);
  }
  if (!index.visible) forms.push('the index is visible: the target has no invisible ones');
  return forms.length === 0 ? [] : [changed(table, index, forms.join('; '), 'the target knows no such form of index')];
}

function changed(table: Table, index: Index, target: string, reason: string): Finding {
  return {
    code: 'INDEX_CHANGED',
    severity: index.name === PRIMARY ? 'warning' : 'info',
    object: `${table.name}.${index.name}`,
    source: describeIndex(index),
    target,
    reason,
  };
}
