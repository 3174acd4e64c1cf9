import { mayBeLong } from '../domain/canonicalCells';
import { LONG_TEXT_BYTES } from '../domain/canonicalText';
import type { PlannedTable } from '../domain/plan';
import { unhashedColumns } from '../domain/rowKey';
import type { VerificationPart } from '../engines/engine';

/** What the long columns of the rows read at once may take on each side. */
export const READ_BYTES = 16 * 1024 * 1024;
/** What is kept of a row whose digest was read, without its unhashed columns, and the least a row is taken to have. */
const DIGEST_BYTES = 400;
/** The most row digests held at once of each side. */
const MAX_DIGESTS = 20_000;
/** Enough rows that asking for them takes less time than reading them. */
const PAGE_ROWS = 2_000;

/** How many rows may be read whole at once, at most `most`. */
export function rowsPerRead({ columns }: PlannedTable, most: number): number {
  const long = columns.filter(mayBeLong).length;
  return long === 0 ? most : Math.max(1, Math.min(most, Math.floor(READ_BYTES / LONG_TEXT_BYTES / long)));
}

/** How many rows' digests may be held at once, when they bring the columns along that the hash leaves out. */
export function digestsPerRead(table: PlannedTable): number {
  if (unhashedColumns(table).length === 0) return MAX_DIGESTS;
  const { source } = table;
  const rowBytes = Math.max(DIGEST_BYTES, source.bytes / Math.max(1, source.estimatedRows));
  return Math.max(1, Math.min(MAX_DIGESTS, Math.floor((MAX_DIGESTS * DIGEST_BYTES) / rowBytes)));
}

/** How many rows' digests are read at once where reading fewer costs no further scan. */
export function rowsPerPage(table: PlannedTable): number {
  return Math.min(PAGE_ROWS, digestsPerRead(table));
}

/** True for a part that no key range bounds. */
export function isWhole({ range }: VerificationPart): boolean {
  return range.after === null && range.upTo === null;
}

/** A part of about so many rows, cut by buckets into pieces whose digests may be held at once. */
export function piecesOf(part: VerificationPart, rows: number): VerificationPart[] {
  const pieces = Math.ceil(rows / digestsPerRead(part.table));
  if (pieces <= 1) return [part];
  if (part.buckets !== null) return part.buckets.map((bucket) => ({ ...part, buckets: [bucket] }));
  return Array.from({ length: pieces }, (_, bucket) => ({ ...part, bucketCount: pieces, buckets: [bucket] }));
}

/** Neighbours in batches that are at most `most` in size together, but for a single item that is larger. */
export function inBatches<T>(items: readonly T[], sizeOf: (item: T) => number, most: number): T[][] {
  const batches: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const batch = batches.at(-1);
    if (batch !== undefined && size <= room) batch.push(item);
    else {
      batches.push([item]);
      room = most;
    }
    room -= size;
  }
  return batches;
}
