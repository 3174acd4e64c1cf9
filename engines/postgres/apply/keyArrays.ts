import { assert } from '../../../domain/errors';
import type { PlannedColumn } from '../../../domain/plan';
import { RejectedValue, type KeptRow } from '../../engine';
import { CopyBuffer, RowBytes, writeNull } from '../copyBuffer';
import type { CellEncoder } from '../encode/encoder';

/** A column of a key as a parameter: how its cells are encoded, and the type of an array of them. */
export interface KeyColumn {
  readonly column: PlannedColumn;
  readonly encoder: CellEncoder;
  /** Where the column's cells are in the rows that are given. */
  readonly place: number;
  /** The element type's number in this database. */
  readonly oid: number;
}

/** Dimensions, whether there is NULL, element type, length and lower bound of the one dimension (array_send's format). */
const HEADER_BYTES = 20;

/**
 * Each column of some rows as a binary array parameter. An element is encoded as a field of COPY is: length, then
 * content. Errors: RejectedValue, its column named, for a value that the column cannot hold.
 */
export function keyArrays(columns: readonly KeyColumn[], rows: readonly KeptRow[]): Buffer[] {
  return columns.map((column) => arrayOf(column, rows));
}

function arrayOf({ column, encoder, place, oid }: KeyColumn, rows: readonly KeptRow[]): Buffer {
  const out = new CopyBuffer(HEADER_BYTES + sizeOf(encoder, place, rows));
  const row = new RowBytes();
  out.at = HEADER_BYTES;
  let nulls = 0;
  for (const { bytes, cells } of rows) {
    const start = cells[place * 2] as number;
    if (start < 0) {
      writeNull(out);
      nulls = 1;
      continue;
    }
    try {
      encoder.encode(out, row.load(bytes), start, cells[place * 2 + 1] as number);
    } catch (error) {
      throw error instanceof RejectedValue ? new RejectedValue(error.reason, column) : error;
    }
  }
  [1, nulls, oid, rows.length, 1].forEach((word, index) => out.view.setInt32(index * 4, word));
  assert(out.at <= out.bytes.length, 'an encoder takes no more room than it says');
  return out.bytes.subarray(0, out.at);
}

function sizeOf({ fixed, perByte }: CellEncoder, place: number, rows: readonly KeptRow[]): number {
  let size = 0;
  for (const { cells } of rows) {
    size += fixed + perByte * Math.max(0, (cells[place * 2 + 1] as number) - (cells[place * 2] as number));
  }
  return size;
}
