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

/** A row's meaning as one text: the same for two rows exactly when they mean the same in every column. */
export function rowMeaning(columns: readonly PlannedColumn[], values: readonly Text[]): string {
  return JSON.stringify(
    columns.map((column, index) => {
      const text = values[index] ?? null;
      return text === null ? null : meaningOf(column, text);
    }),
  );
}

/** How many bytes of JSON a row holds that was too long to be read along with others, so that its meaning is not known. */
export function longJsonBytes(columns: readonly PlannedColumn[], values: readonly Text[]): number {
  return columns.reduce((sum, { type }, index) => {
    const text = values[index];
    return type.kind === 'json' && text?.startsWith(UNEQUAL) === true ? sum + Number.parseInt(text.slice(1), 10) : sum;
  }, 0);
}
