import type { CanonicalType } from '../canonicalType';
import type { Column, IndexPart } from '../catalog';
import type { Finding } from '../finding';
import type { PlannedColumn, PlannedForeignKey, PlannedTable } from '../plan';
import { PRIMARY, describeIndex } from './describeObject';
import { plannedPart, prefixOf } from './planKeys';

/**
 * The longest entry of a PostgreSQL B-tree: a third of a page of 8 kB (manual, "B-Tree Indexes"). Long values are
 * compressed first, so longer ones can still fit: what is possible is told, not what is certain.
 */
const MAX_INDEX_ENTRY_BYTES = 2704;

/** What a person should know about the tables' keys: letter case, and entries too long for an index. */
export function findInKeys(tables: readonly PlannedTable[]): Finding[] {
  const referring = new Map<string, PlannedForeignKey[]>();
  for (const foreignKey of tables.flatMap(({ foreignKeys }) => foreignKeys)) {
    const { referencedTable } = foreignKey;
    referring.set(referencedTable, [...(referring.get(referencedTable) ?? []), foreignKey]);
  }
  return tables.flatMap((table) => [
    ...findCaseInsensitive(table, referring.get(table.targetName) ?? []),
    ...findTooLarge(table),
  ]);
}

function findCaseInsensitive(planned: PlannedTable, referring: readonly PlannedForeignKey[]): Finding[] {
  return planned.columns.flatMap((column): Finding[] => {
    const { collation, declaredType, name } = column.source;
    if (collation === null || !/_ci$/iu.test(collation) || column.type.kind !== 'text') return [];
    const keys = keysOf(planned, column, referring);
    if (keys.length === 0) return [];
    return [
      {
        code: 'CASE_INSENSITIVE_KEY',
        severity: 'warning',
        object: `${planned.source.name}.${name}`,
        source: `${declaredType} collate ${collation}, in ${keys.join(' and ')}`,
        target: 'compared letter by letter',
        reason: "the source takes 'Ann' and 'ANN' for the same key, the target for two",
      },
    ];
  });
}

/** The keys, of this table or of those that refer to it, that a column is part of. */
function keysOf(planned: PlannedTable, column: PlannedColumn, referring: readonly PlannedForeignKey[]): string[] {
  const { primaryKey, indexes } = planned.source;
  const isPart = (parts: readonly IndexPart[]) => parts.some((part) => part.column === column.source.name);
  const foreignKeys = new Set([
    ...planned.foreignKeys.filter(({ columns }) => columns.includes(column.targetName)),
    ...referring.filter(({ referencedColumns }) => referencedColumns.includes(column.targetName)),
  ]);
  return [
    ...(primaryKey && isPart(primaryKey) ? ['the primary key'] : []),
    ...indexes.filter(({ unique, parts }) => unique && isPart(parts)).map(({ name }) => `unique index ${name}`),
    ...[...foreignKeys].map(({ source }) => `foreign key ${source.name}`),
  ];
}

function findTooLarge(planned: PlannedTable): Finding[] {
  const { source, columns, primaryKey, indexes } = planned;
  const primary = primaryKey && {
    name: PRIMARY,
    unique: true,
    kind: 'plain' as const,
    visible: true,
    parts: (source.primaryKey ?? []).map((part) => ({ ...part, prefix: null })),
  };
  return [...(primary ? [primary] : []), ...indexes.map((index) => index.source)].flatMap((index): Finding[] => {
    const bytes = index.parts.reduce((sum, part) => {
      const column = plannedPart(source, columns, part);
      return sum + maxBytes(column.source, column.type, prefixOf(part, column.type));
    }, 0);
    if (bytes <= MAX_INDEX_ENTRY_BYTES) return [];
    const possible = Number.isFinite(bytes) ? `up to ${bytes} bytes` : 'of any length';
    return [
      {
        code: 'INDEX_TOO_LARGE',
        severity: 'warning',
        object: `${source.name}.${index.name}`,
        source: describeIndex(index),
        target: 'built as it is, and fails on a value that is too long',
        reason: `entries can be ${possible}; the target takes ${MAX_INDEX_ENTRY_BYTES} bytes after compression`,
      },
    ];
  });
}

/** The most bytes a value of the column takes in an index entry. */
function maxBytes(column: Column, type: CanonicalType, prefix: number | null): number {
  switch (type.kind) {
    case 'text':
      return Math.min(prefix ?? Infinity, type.length ?? Infinity) * bytesPerCharacter(column.charset);
    case 'bytes':
      return Math.min(prefix ?? Infinity, type.length ?? Infinity);
    case 'decimal':
      return Math.ceil(type.precision / 2) + 8;
    case 'set':
      return type.labels.reduce((sum, label) => sum + label.length * 4 + 4, 24);
    default:
      return 16;
  }
}

/** In UTF-8: no character set but utf8mb4 and its like (utf16, utf32, gb18030) reaches beyond three bytes. */
function bytesPerCharacter(charset: string | null): number {
  if (charset === 'ascii') return 1;
  return charset === null || /^(?:utf8mb4|utf16|utf16le|utf32|gb18030)$/u.test(charset) ? 4 : 3;
}
