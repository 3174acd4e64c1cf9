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

/** True when a row holds JSON that was too long to read along with others, so that its meaning is not known yet. */
export function holdsLongJson(columns: readonly PlannedColumn[], values: readonly Text[]): boolean {
  return columns.some(({ type }, index) => type.kind === 'json' && values[index]?.startsWith(UNEQUAL) === true);
}
