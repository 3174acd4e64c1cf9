import type { Mismatch, VerifiedPart } from '../engines/engine';

/**
 * Whether a table's verification passes: no more rows may differ, be missing or be extra than the input allows for a
 * table (`verify.allowedRowDifference`).
 */
export function passes(result: VerifiedPart, allowedRowDifference: number): boolean {
  return result.mismatches <= allowedRowDifference;
}

/** A mismatch as a sentence for people: the table, the row by its key, and the columns. */
export function describeMismatch({ table, key, kind, columns }: Mismatch): string {
  const row = `${table} (${key.map((text) => printable(text)).join(', ')})`;
  switch (kind) {
    case 'missing':
      return `${row} is missing on the target`;
    case 'extra':
      return `${row} is on the target only`;
    case 'different':
      return `${row} differs${columns.length === 0 ? '' : ` in ${columns.join(', ')}`}`;
  }
}

const MAX_KEY_TEXT = 80;

/** Keys are shown, not to be read back: control characters become spaces, and long text is cut. */
function printable(text: string): string {
  const shown = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
  return shown.length > MAX_KEY_TEXT ? `${shown.slice(0, MAX_KEY_TEXT)}…` : shown;
}
