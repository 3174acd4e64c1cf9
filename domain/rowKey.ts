import { hashForm, meaningOf, UNEQUAL } from './canonicalText';
import { assert } from './errors';
import type { PlannedColumn, PlannedTable } from './plan';

/** A row's key in verification: the canonical text of the chunk key's columns; empty where the table has none. */
export type RowKey = readonly string[];

/** Stands in a key for NULL, which a key holds only where a policy turned a value into it. */
export const NULL_IN_KEY = `${UNEQUAL}NULL`;

/** The planned columns of the chunk key, in key order; none for a table without one. */
export function keyColumns({ columns, chunkKey, source }: PlannedTable): PlannedColumn[] {
  return (chunkKey ?? []).map((name) => {
    const column = columns.find((candidate) => candidate.source.name === name);
    assert(column, `the chunk key of ${source.name} is made of planned columns`);
    return column;
  });
}

/** Where the key's columns stand among the planned ones, in key order; none for a table without one. */
export function keyPlaces(table: PlannedTable): number[] {
  return keyColumns(table).map((column) => table.columns.indexOf(column));
}

/**
 * The key columns that say a row's bucket. Floating-point numbers do not: the engines may spell one value differently,
 * and the two rows must meet in one bucket.
 */
export function bucketColumns(table: PlannedTable): PlannedColumn[] {
  return keyColumns(table).filter(({ type }) => type.kind !== 'double' && type.kind !== 'real');
}

/** The columns that a row's hash leaves out, in plan order. */
export function unhashedColumns({ columns }: PlannedTable): PlannedColumn[] {
  return columns.filter((column) => hashForm(column) === 'unhashed');
}

/** Tells keys apart by meaning: the engines may spell one key differently. */
export function keyIdentity(table: PlannedTable): (key: RowKey) => string {
  const columns = keyColumns(table);
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return ([text = '']) => meaningOf(only, text);
  return (key) => JSON.stringify(columns.map((column, index) => meaningOf(column, key[index] ?? '')));
}
