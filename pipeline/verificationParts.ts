import { createHash } from 'node:crypto';
import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import { unhashedColumns } from '../domain/rowKey';
import type { VerificationPart } from '../engines/engine';
import { BUCKET_ROWS } from './comparePart';

/** A part of a table with the name its result is stored under, and about how many rows it has. */
export interface NamedPart {
  readonly name: string;
  readonly part: VerificationPart;
  readonly rows: number;
}

/** Rows to a part: worth a query, and not too much to do again after a crash. */
const PART_ROWS = 200_000;
const WHOLE: KeyRange = { after: null, upTo: null };

/**
 * The parts that make up a table of `rows` rows. Where both engines order the key alike, they are the chunks of the
 * copy, small neighbours joined; else the whole table, by buckets.
 */
export function partsOf(table: PlannedTable, chunks: readonly KeyRange[], rows: number): NamedPart[] {
  return table.keyOrdersAlike ? joinedChunks(table, chunks, rows, 'chunks') : [wholeTable(table, rows)];
}

/** The same for a sample, which takes some of many parts: chunks as they are. */
export function partsToSample(table: PlannedTable, chunks: readonly KeyRange[], rows: number): NamedPart[] {
  const cut = table.chunkKey !== null && (table.keyOrdersAlike || chunks.length > 1);
  return cut ? chunkParts(table, chunks, rows, 1, 'chunks') : [wholeTable(table, rows)];
}

/** The whole table, by buckets. */
export function wholeTable(table: PlannedTable, rows: number): NamedPart {
  const bucketCount = Math.max(1, Math.ceil(rows / BUCKET_ROWS));
  return { name: 'table', part: { table, range: WHOLE, bucketCount, buckets: null, keys: null }, rows };
}

/** The chunks of the copy, small neighbours joined. */
export function joinedChunks(
  table: PlannedTable,
  chunks: readonly KeyRange[],
  rows: number,
  name: string,
): NamedPart[] {
  const chunkRows = Math.max(1, rows / Math.max(1, chunks.length));
  // Rows that are read one by one anyway are not worth joining: each chunk is of a size that a worker can hold.
  const joined = unhashedColumns(table).length > 0 ? 1 : Math.max(1, Math.floor(PART_ROWS / chunkRows));
  return chunkParts(table, chunks, rows, joined, name);
}

/** Parts of so many chunks each; the whole table where there are none. */
function chunkParts(
  table: PlannedTable,
  chunks: readonly KeyRange[],
  rows: number,
  joined: number,
  name: string,
): NamedPart[] {
  const ranges = chunks.length === 0 ? [WHOLE] : chunks;
  const parts: NamedPart[] = [];
  for (let first = 0; first < ranges.length; first += joined) {
    const neighbours = ranges.slice(first, first + joined);
    const range = { after: neighbours[0]?.after ?? null, upTo: neighbours.at(-1)?.upTo ?? null };
    parts.push({
      name: `${name} ${first} to ${first + neighbours.length - 1}`,
      part: { table, range, bucketCount: 1, buckets: null, keys: null },
      rows: (rows / ranges.length) * neighbours.length,
    });
  }
  return parts;
}

/**
 * The parts in the order a sample takes them: by chance, but the same for the same seed. A table that is one part is
 * sampled by buckets instead.
 */
export function sampleOrder(parts: readonly NamedPart[], percent: number, seed: string): NamedPart[] {
  const [only, ...others] = parts;
  if (only !== undefined && others.length === 0) return [sampleBuckets(only, percent, seed)];
  return byChance(parts, ({ name, part }) => `${seed}/${part.table.source.name}/${name}`);
}

function sampleBuckets({ name, part, rows }: NamedPart, percent: number, seed: string): NamedPart {
  const { bucketCount, table } = part;
  const wanted = Math.ceil((bucketCount * percent) / 100);
  if (wanted >= bucketCount) return { name, part, rows };
  const all = Array.from({ length: bucketCount }, (_, bucket) => bucket);
  const buckets = byChance(all, (bucket) => `${seed}/${table.source.name}/${bucket}`).slice(0, wanted);
  return { name: `${name}, sampled`, part: { ...part, buckets }, rows: (rows * wanted) / bucketCount };
}

function byChance<T>(items: readonly T[], identify: (item: T) => string): T[] {
  const placed = items.map((item) => ({ item, place: createHash('sha256').update(identify(item)).digest('hex') }));
  return placed.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ item }) => item);
}
