import type { CanonicalType } from '../canonicalType';
import type { Column, IndexPart, Table } from '../catalog';
import type { PlannedColumn } from '../plan';
import { columnOf } from './lookup';

/** The key that cuts a table into chunks. */
export interface ChunkKey {
  /** Source column names in key order; null when no key is good for it. */
  readonly columns: readonly string[] | null;
  /** True when both engines order it alike, so that a key range means the same rows on both. */
  readonly ordersAlike: boolean;
}

/**
 * The primary key, or else the narrowest unique index of plain columns that are never NULL: fewest columns, then
 * fewest bytes, then by name.
 */
export function chooseKey(table: Table, columns: readonly PlannedColumn[]): ChunkKey {
  const unique = table.indexes
    .filter((index) => index.unique && index.visible && index.kind === 'plain' && isUsable(table, index.parts))
    .map((index) => ({ name: index.name, columns: columnsOf(table, index.parts) }))
    .sort(
      (a, b) =>
        a.columns.length - b.columns.length || width(a.columns) - width(b.columns) || (a.name < b.name ? -1 : 1),
    );
  const primary =
    table.primaryKey !== null && isUsable(table, table.primaryKey) ? columnsOf(table, table.primaryKey) : null;
  const chosen = primary ?? unique[0]?.columns ?? null;
  if (chosen === null) return { columns: null, ordersAlike: false };
  return {
    columns: chosen.map(({ name }) => name),
    ordersAlike: chosen.every((column) => columns.some((planned) => planned.source === column && keepsOrder(planned))),
  };
}

function isUsable(table: Table, parts: readonly IndexPart[]): boolean {
  return parts.every(({ column, prefix }) => {
    if (column === null || prefix !== null) return false;
    const { nullable, type } = columnOf(table, column);
    return !nullable && isComparable(type);
  });
}

/** FLOAT does not compare with what is read of it, and JSON and what is not moved have no order to rely on. */
function isComparable({ kind }: CanonicalType): boolean {
  return kind !== 'real' && kind !== 'json' && kind !== 'unsupported';
}

function columnsOf(table: Table, parts: readonly IndexPart[]): Column[] {
  return parts.flatMap(({ column }) => (column === null ? [] : columnOf(table, column)));
}

/** Both engines order these kinds alike, as long as no value becomes another one (a zero date NULL). */
function keepsOrder({ source, type, nullable }: PlannedColumn): boolean {
  if (nullable) return false;
  switch (source.type.kind) {
    case 'integer':
      return type.kind === 'integer' || type.kind === 'decimal';
    case 'year':
      return type.kind === 'year' || type.kind === 'integer';
    case 'decimal':
      return type.kind === 'decimal' || type.kind === 'integer';
    case 'double':
    case 'date':
    case 'timestamp':
    case 'bytes':
      return type.kind === source.type.kind;
    default:
      return false;
  }
}

function width(columns: readonly Column[]): number {
  return columns.reduce((sum, { type }) => sum + widthOf(type), 0);
}

/** Stands for a length without a limit: more than any column that has one. */
const UNBOUNDED = 2 ** 32;

/** About how many bytes a value takes, to tell narrow keys from wide ones. */
function widthOf(type: CanonicalType): number {
  switch (type.kind) {
    case 'boolean':
    case 'year':
    case 'enum':
      return 1;
    case 'integer':
      return type.bits / 8;
    case 'bits':
      return Math.ceil(type.length / 8);
    case 'decimal':
      return Math.ceil(type.precision / 2);
    case 'text':
      return (type.length ?? UNBOUNDED) * 4;
    case 'bytes':
      return type.length ?? UNBOUNDED;
    case 'uuid':
    case 'inet':
      return 16;
    default:
      return 8;
  }
}
