import { RejectedValue } from '../../../engine';
import type { Statement } from '../statement';

/**
 * Writes a cell as a literal of MySQL's. What the server would take for another value without an error (it rounds
 * fractions, pads, cuts, and takes digits for the place of a label) is refused here. Errors: RejectedValue.
 */
export type WriteValue = (out: Statement, bytes: Buffer, start: number, end: number) => void;

/** So much of a value is shown in an error. */
const SHOWN = 40;

/** A value that a column cannot hold. `text` is what the value says, where it may be shown in part. */
export function refused(text: string, why: string): RejectedValue {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return new RejectedValue(`the value ${JSON.stringify(shown)} ${why}`);
}
