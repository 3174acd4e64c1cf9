import type { Column, IndexPart, Table } from '../../domain/catalog';
import { assert } from '../../domain/errors';
import type { KeyRange } from '../../domain/keys';
import type { PlannedTable } from '../../domain/plan';
import { PRIMARY_INDEX } from './indexes';
import { keyPart, type KeyPart } from './keyPart';
import { quoteName } from './quote';

/** The table's chunk key as SQL, in key order; empty for a table that is one chunk. */
export function keyParts(table: PlannedTable): KeyPart[] {
  return (table.chunkKey ?? []).map((name) => keyPart(columnNamed(table.source, name)));
}

/** The condition that a row lies in the range; `TRUE` when both ends are open. */
export function keysetPredicate(table: PlannedTable, { after, upTo }: KeyRange): string {
  const parts = keyParts(table);
  const conditions = [
    ...(after === null ? [] : [bounded(parts, after, 'greater', 'greaterOrEqual', 'greater')]),
    ...(upTo === null ? [] : [bounded(parts, upTo, 'less', 'lessOrEqual', 'lessOrEqual')]),
  ];
  return conditions.length === 0 ? 'TRUE' : conditions.join(' AND ');
}

/** What selects the rows of the range: `FROM … WHERE …`. A whole table is read in the server's own order. */
export function fromRange(table: PlannedTable, range: KeyRange): string {
  if (range.after === null && range.upTo === null) return `FROM ${quoteName(table.source.name)}`;
  return `FROM ${keysetSource(table)} WHERE ${keysetPredicate(table, range)}`;
}

/** The table to read a bounded range from: with its chunk key's index, so that the server does not read all of it instead. */
export function keysetSource(table: PlannedTable): string {
  const index = chunkIndex(table);
  return quoteName(table.source.name) + (index === null ? '' : ` FORCE INDEX (${quoteName(index.name)})`);
}

/** The index whose columns are exactly the chunk key; null when there is none to use. */
export function chunkIndex(table: PlannedTable): { name: string; parts: readonly IndexPart[] } | null {
  const { chunkKey, source } = table;
  if (chunkKey === null) return null;
  const usable = source.indexes.filter((index) => index.unique && index.visible && index.kind === 'plain');
  const primary = source.primaryKey === null ? [] : [{ name: PRIMARY_INDEX, parts: source.primaryKey }];
  const matches = (parts: readonly IndexPart[]): boolean =>
    parts.length === chunkKey.length &&
    parts.every(({ column, prefix }, position) => column === chunkKey[position] && prefix === null);
  return [...primary, ...usable].find(({ parts }) => matches(parts)) ?? null;
}

function columnNamed(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  assert(column, `the chunk key of ${table.name} names its columns`);
  return column;
}

type Comparison = keyof Omit<KeyPart, 'sql' | 'token'>;

/**
 * `(a, b) > (x, y)` is written `a >= x AND (a > x OR (a = x AND b > y))`: the server turns that into one range of a
 * composite index, which it does not do with the comparison of rows. `last` compares the key's last column.
 */
function bounded(
  [part, ...parts]: readonly KeyPart[],
  [token, ...tokens]: readonly string[],
  strict: Comparison,
  orEqual: Comparison,
  last: Comparison,
): string {
  assert(part !== undefined && token !== undefined, 'a bound has a value for each column of its key');
  if (parts.length === 0) return part[last](token);
  const rest = bounded(parts, tokens, strict, orEqual, last);
  return `${part[orEqual](token)} AND (${part[strict](token)} OR (${part.equal(token)} AND ${rest}))`;
}
