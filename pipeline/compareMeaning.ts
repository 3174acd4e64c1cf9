import { createHash } from 'node:crypto';
import { meaningOf, UNEQUAL } from '../domain/canonicalText';
import type { PlannedColumn } from '../domain/plan';

type Text = string | null;

/** True when two canonical texts of a column mean the same value. */
export function sameMeaning(column: PlannedColumn, source: Text, target: Text): boolean {
  if (source === target) return true;
  if (source === null || target === null) return false;
  return meaningOf(column, source) === meaningOf(column, target);
}

/** The columns in which two rows differ by meaning. */
export function differingColumns(
  columns: readonly PlannedColumn[],
  source: readonly Text[],
  target: readonly Text[],
): PlannedColumn[] {
  return columns.filter((column, index) => !sameMeaning(column, source[index] ?? null, target[index] ?? null));
}

/** A row's meaning: the same for two rows exactly when they mean the same in every column. Short, however long the row. */
export function rowMeaning(columns: readonly PlannedColumn[], values: readonly Text[]): string {
  const hash = createHash('sha256');
  columns.forEach((column, index) => {
    const text = values[index] ?? null;
    const meaning = text === null ? null : meaningOf(column, text);
    hash.update(meaning === null ? 'NULL|' : `${meaning.length}|`).update(meaning ?? '');
  });
  return hash.digest('base64');
}

/** A row with the digest of its meaning in place of each JSON text: what can be compared without being kept. */
export function withJsonDigested(columns: readonly PlannedColumn[], values: readonly Text[]): Text[] {
  return columns.map((column, index) => {
    const text = values[index] ?? null;
    return text === null || column.type.kind !== 'json' ? text : UNEQUAL + rowMeaning([column], [text]);
  });
}

/** How many bytes of JSON a row holds that was too long to be read along with others, so that its meaning is not known. */
export function longJsonBytes(columns: readonly PlannedColumn[], values: readonly Text[]): number {
  return columns.reduce((sum, { type }, index) => {
    const text = values[index];
    return type.kind === 'json' && text?.startsWith(UNEQUAL) === true ? sum + Number.parseInt(text.slice(1), 10) : sum;
  }, 0);
}
