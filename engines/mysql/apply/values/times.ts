import type { Statement } from '../statement';
import { refused, type WriteValue } from './writeValue';

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.(\d{1,6}?)0*)?$/;
const TIME = /^-?\d{2,3}:\d\d:\d\d(?:\.(\d{1,6}?)0*)?$/;

/** The literals of a kind of time: as a value to store, and with its type, as a value to compare with. */
export interface TimeWriters {
  readonly value: WriteValue;
  readonly key: WriteValue;
}

export const date: TimeWriters = both('DATE', DATE, 0);
export const timestamp = (precision: number): TimeWriters => both('TIMESTAMP', TIMESTAMP, precision);
export const time = (precision: number): TimeWriters => both('TIME', TIME, precision);

/**
 * What stands for NULL in a column that is never NULL on the source: only a zero date became it. Not of keys, in which
 * rows would be taken for one another.
 */
export function zeroDate(isDate: boolean): (out: Statement) => void {
  const literal = isDate ? "'0000-00-00'" : "'0000-00-00 00:00:00'";
  return (out) => out.text(literal);
}

function both(type: string, form: RegExp, precision: number): TimeWriters {
  const write =
    (prefix: string): WriteValue =>
    (out, bytes, start, end) => {
      const text = bytes.toString('latin1', start, end);
      const match = form.exec(text);
      if (match === null) throw refused(text, `is no ${type} of the source`);
      // The server would round.
      const fraction = match[1] ?? '';
      if (fraction.length > precision && fraction !== '0') {
        throw refused(text, `has more decimals than the ${precision} that the source keeps`);
      }
      out.text(`${prefix}'${text}'`);
    };
  return { value: write(''), key: write(type) };
}
