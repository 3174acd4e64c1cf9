import { column, table, type TableSpec } from './build';
import { text } from './cells';
import type { Cell, CorpusColumn, CorpusTable } from './types';

export const varchar = (length: number) => `character varying(${length})`;
const PAYLOAD = column('payload', 'varchar(20)', varchar(20));

/** A table with these keys, each with a payload that says which it is. */
export function keyed(
  name: string,
  columns: readonly CorpusColumn[],
  keys: readonly (readonly Cell[])[],
  extras: Partial<TableSpec> = {},
): CorpusTable {
  const names = columns.map((each) => each.name);
  return table({
    name: `k_${name}`,
    covers: ['D10'],
    columns: [...columns, PAYLOAD],
    constraints: [`PRIMARY KEY (${names.map((each) => `\`${each}\``).join(', ')})`],
    key: names,
    rows: keys.map((key, index) => [...key, text(`row ${index}`)]),
    ...extras,
  });
}

/** A key column of the usual name. */
export const key = (definition: string, type: string) => column('id', `${definition} NOT NULL`, type);

/** A number with leading zeros. */
export const pad = (value: number, length: number) => String(value).padStart(length, '0');

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** A UUID that looks random and is the same every time. */
export function uuidOf(index: number): string {
  const digits = [2654435761n, 40503n, 2246822519n, 3266489917n]
    .map((factor) => ((BigInt(index + 1) * factor * 2654435769n) % 2n ** 32n).toString(16).padStart(8, '0'))
    .join('');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `a${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}
