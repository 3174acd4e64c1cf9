import type { KeptRow } from '../engines/engine';

/** Copies a row out of the source's buffer, with what lies between its cells. */
export function keepRow(bytes: Buffer, cells: Int32Array): KeptRow {
  return keepCells(bytes, Int32Array.from(cells));
}

/** As keepRow, of some columns alone, by their places. */
export function keepColumns(bytes: Buffer, cells: Int32Array, columns: readonly number[]): KeptRow {
  const kept = new Int32Array(columns.length * 2);
  columns.forEach((column, place) => {
    kept[place * 2] = cells[column * 2] as number;
    kept[place * 2 + 1] = cells[column * 2 + 1] as number;
  });
  return keepCells(bytes, kept);
}

function keepCells(bytes: Buffer, cells: Int32Array): KeptRow {
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (let at = 0; at < cells.length; at += 2) {
    const start = cells[at] as number;
    if (start < 0) continue;
    first = Math.min(first, start);
    last = Math.max(last, cells[at + 1] as number);
  }
  if (last === 0) return { bytes: Buffer.alloc(0), cells };
  for (let at = 0; at < cells.length; at += 2) {
    if ((cells[at] as number) < 0) continue;
    cells[at] = (cells[at] as number) - first;
    cells[at + 1] = (cells[at + 1] as number) - first;
  }
  return { bytes: Buffer.from(bytes.subarray(first, last)), cells };
}

/** The cells of some columns as a text that two rows share exactly when these cells are the same bytes. */
export function keyText(bytes: Buffer, cells: Int32Array, columns: readonly number[]): string {
  if (columns.length === 1) {
    const [column] = columns as [number];
    return bytes.toString('latin1', cells[column * 2], cells[column * 2 + 1]);
  }
  let text = '';
  for (const column of columns) text += spelledCell(bytes, cells, column);
  return text;
}

/** As keyText, of all cells of a row, any of which may be NULL. */
export function rowText(bytes: Buffer, cells: Int32Array): string {
  let text = '';
  for (let column = 0; column * 2 < cells.length; column++) text += spelledCell(bytes, cells, column);
  return text;
}

/** The length first: without it, where one cell ends and the next begins could be read in two ways. */
function spelledCell(bytes: Buffer, cells: Int32Array, column: number): string {
  const start = cells[column * 2] as number;
  const end = cells[column * 2 + 1] as number;
  return start < 0 ? '-;' : `${end - start};${bytes.toString('latin1', start, end)}`;
}
