/**
 * One value for each column of a table's chunk key. Of the kinds both engines order alike (integer, decimal, double,
 * date, timestamp, year, bytes) it is canonical text, bytes as lower-case hex; of all others it is the source
 * engine's own token, to be given back to it and to nobody else.
 */
export type KeyBound = readonly string[];

/** The rows with `after < key <= upTo`. Null is open: the first chunk has no `after`, the last no `upTo`. */
export interface KeyRange {
  readonly after: KeyBound | null;
  readonly upTo: KeyBound | null;
  /**
   * In a trial: of these rows only those with one of these values. A source alone understands it; on the target they
   * are found by their keys.
   */
  readonly among?: ColumnValues;
  /**
   * In a trial, of a table without a key: of these rows only the first so many, in the order in which the source reads
   * the table. A source alone understands it; the target holds no others.
   */
  readonly first?: number;
}

/** Values, as canonical text, of some columns by their source names. */
export interface ColumnValues {
  readonly columns: readonly string[];
  readonly values: readonly (readonly string[])[];
}

/** The ranges that n bounds cut a table into: n + 1 of them, the first and the last open-ended. */
export function rangesBetween(bounds: readonly KeyBound[]): KeyRange[] {
  const edges: (KeyBound | null)[] = [null, ...bounds, null];
  return edges.slice(1).map((upTo, index) => ({ after: edges[index] ?? null, upTo }));
}
