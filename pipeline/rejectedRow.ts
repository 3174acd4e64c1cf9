import { createHash } from 'node:crypto';
import { MigrationError } from '../domain/errors';
import type { PlannedTable } from '../domain/plan';
import { keyPlaces } from '../domain/rowKey';
import type { CellFormat, RejectedRow, RejectedValue } from '../engines/engine';
import { canonicalCells, cellText } from './cellText';

/** So much of a key cell is shown in an error. */
const KEY_CHARACTERS = 100;
/** So much of each cell of a rejected row is kept. */
const KEPT_CHARACTERS = 10_000;

/** A row as it came from the source: the cells of each column in `bytes`, as a RowSink gets them. */
export interface RawRow {
  readonly cells: readonly CellFormat[];
  readonly bytes: Buffer;
  readonly offsets: Int32Array;
  /** From 1, among the rows of its chunk. */
  readonly place: number;
}

/** The error that ends a copy which admits no such row. */
export function rejectionError(rejected: RejectedValue, table: PlannedTable, row: RawRow): MigrationError {
  const key = keyColumns(table).map((name) => `${name} = ${shown(table, row, name, KEY_CHARACTERS)}`);
  const place = key.length > 0 ? `the row ${key.join(', ')}` : `row ${row.place} of the chunk (the table has no key)`;
  const column = rejected.column?.source.name ?? '?';
  return new MigrationError(
    'ROW_REJECTED',
    `table ${table.source.name}, column ${column}, ${place}: ${rejected.reason}`,
    {
      details: { table: table.source.name, column, key, reason: rejected.reason },
    },
  );
}

/** The row as it is kept for a person. */
export function keptRow({ reason, column }: RejectedValue, table: PlannedTable, row: RawRow): RejectedRow {
  return {
    key: canonicalCells(row.cells, row.bytes, row.offsets, keyPlaces(table)),
    column: column?.source.name ?? '?',
    reason,
    digest: rowDigest(row.bytes, row.offsets),
    row: Object.fromEntries(
      table.columns.map(({ source: { name } }, index) => {
        const isNull = spanOf(row, index)[0] < 0;
        // The target's functions on JSON know no NUL: the symbol for it stands in its place.
        return [name, isNull ? null : shown(table, row, name, KEPT_CHARACTERS).replaceAll('\0', '\u2400')];
      }),
    ),
  };
}

/** Which row it is, by its cells as the source sent them. */
export function rowDigest(bytes: Buffer, offsets: Int32Array): string {
  const hash = createHash('sha256');
  for (let at = 0; at < offsets.length; at += 2) {
    const [start = -1, end = -1] = [offsets[at], offsets[at + 1]];
    hash.update(start < 0 ? 'NULL|' : `${end - start}|`);
    if (start >= 0) hash.update(bytes.subarray(start, end));
  }
  return hash.digest('hex');
}

function keyColumns({ chunkKey, primaryKey }: PlannedTable): readonly string[] {
  return chunkKey ?? primaryKey?.columns ?? [];
}

function shown(table: PlannedTable, row: RawRow, name: string, most: number): string {
  const index = indexOf(table, name);
  return cellText(row.cells[index], row.bytes, ...spanOf(row, index), most);
}

function indexOf(table: PlannedTable, name: string): number {
  return table.columns.findIndex(({ source }) => source.name === name);
}

function spanOf({ offsets }: RawRow, index: number): [start: number, end: number] {
  return [offsets[index * 2] ?? -1, offsets[index * 2 + 1] ?? -1];
}
