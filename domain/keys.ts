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
}

/** The ranges that n bounds cut a table into: n + 1 of them, the first and the last open-ended. */
export function rangesBetween(bounds: readonly KeyBound[]): KeyRange[] {
  const edges: (KeyBound | null)[] = [null, ...bounds, null];
  return edges.slice(1).map((upTo, index) => ({ after: edges[index] ?? null, upTo }));
}
