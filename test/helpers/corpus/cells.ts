import { quoted } from './build';
import type { Cell } from './types';

export const NULL: Cell = ['NULL', null];
/** The column is left out of the INSERT and gets this. */
export function fromDefault(expected: string | null): Cell {
  return [null, expected];
}

/** A number, or anything else, that both servers write the same. */
export function same(literal: string | number): Cell {
  return [String(literal), String(literal)];
}

/** A quoted literal that arrives as it is written: dates, times, addresses. */
export function literal(value: string, expected: string = value): Cell {
  return [quoted(value), expected];
}

/** Text that arrives unchanged. */
export function text(value: string): Cell {
  return [quoted(value), value];
}

/** Bytes, in hexadecimal digits, and what PostgreSQL writes for them: the same digits in lower case. */
export function bytes(hex: string, expected: string = hex): Cell {
  return [`X'${hex}'`, `\\x${expected.toLowerCase()}`];
}

/** JSON as it is given to the source, and what a jsonb column writes for it. */
export function json(given: string, expected: string): Cell {
  return [quoted(given), expected];
}

/** A date with a zero in it: rejected, or NULL. */
export function zeroDate(value: string): Cell {
  return [quoted(value), { rejected: 'zeroDates', becomes: null }];
}

/** A row for each list of cells, numbered from 1 in a first column. */
export function numbered(rows: readonly (readonly Cell[])[]): Cell[][] {
  return rows.map((cells, index) => [same(index + 1), ...cells]);
}
