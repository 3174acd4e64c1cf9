import { hashForm, UNEQUAL } from './canonicalText';
import type { PlannedColumn } from './plan';

/** The SQL expressions that a column's canonical text is read from: the text, and for long text its stand-in. */
export type Cell = readonly [text: string] | readonly [text: string, longText: string];

/** True for columns whose text may be longer than a worker should hold of many rows at once. */
export function mayBeLong(column: PlannedColumn): boolean {
  const form = hashForm(column);
  return form === 'inlined' || form === 'digested' || form === 'unhashed';
}

/** The canonical text of cells that were selected one behind the other from place `at` of a row on. */
export function readCells(cells: readonly Cell[], row: readonly (string | null)[], at: number): (string | null)[] {
  return cells.map((cell) => {
    const text = row[at] ?? null;
    const longText = cell.length === 2 ? (row[at + 1] ?? null) : null;
    at += cell.length;
    return longText === null ? text : UNEQUAL + longText;
  });
}
