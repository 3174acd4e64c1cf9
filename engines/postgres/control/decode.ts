import { assert } from '../../../domain/errors';

/** A value of a column that is never NULL. */
export function text(value: string | null | undefined): string {
  assert(typeof value === 'string', 'a column of the control schema that is never NULL has a value');
  return value;
}

export function integer(value: string | null | undefined): number {
  const number = Number(text(value));
  assert(Number.isSafeInteger(number), 'a counter of the control schema is a safe integer');
  return number;
}

/** A document this program wrote itself: the caller knows its shape. */
export function document(value: string | null | undefined): unknown {
  return JSON.parse(text(value));
}
