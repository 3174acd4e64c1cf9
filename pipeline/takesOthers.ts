import { changesRows, type CascadeRule } from '../domain/cascades';
import type { RowChange } from '../engines/engine';
import { keyText } from './keepRow';

/** Whether foreign keys change other rows because of this change. */
export function takesOthers(rules: readonly CascadeRule[], { kind, table, bytes, before, after }: RowChange): boolean {
  if (kind === 'insert' || before === null) return false;
  return rules.some(({ parent, referenced, onDelete, onUpdate }) => {
    if (parent !== table) return false;
    if (after === null) return changesRows(onDelete);
    return changesRows(onUpdate) && keyText(bytes, before, referenced) !== keyText(bytes, after, referenced);
  });
}
