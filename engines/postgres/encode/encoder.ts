import { RejectedValue } from '../../engine';
import type { CopyBuffer, RowBytes } from '../copyBuffer';

/** Writes the cell `row.bytes[start, end)` as a binary COPY field, its length word first, at `out.at`. */
export type EncodeCell = (out: CopyBuffer, row: RowBytes, start: number, end: number) => void;

/** How the cells of one column become fields; compiled once a table. */
export interface CellEncoder {
  readonly encode: EncodeCell;
  /** A field takes at most `fixed + perByte * (end - start)` bytes, the length word included. */
  readonly fixed: number;
  readonly perByte: number;
  /**
   * The field's content without its length word, for cells too large for the buffer: pieces that may lie in the
   * cell's own memory. Null where a cell is never that large.
   */
  readonly pieces: ((row: RowBytes, start: number, end: number) => readonly Uint8Array[]) | null;
}

/** An encoder of small fields. */
export function small(fixed: number, encode: EncodeCell): CellEncoder {
  return { encode, fixed, perByte: 0, pieces: null };
}

/** A cell that does not look as its format promises. */
export function malformed(what: string): RejectedValue {
  return new RejectedValue(`the source sent something that is not ${what}`);
}
