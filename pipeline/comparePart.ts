import { unhashedColumns } from '../domain/rowKey';
import type { BucketDigest, RowDigest, VerificationPart, VerifiedPart } from '../engines/engine';
import type { Answers, BothSides } from './bothSides';
import { MultisetComparison } from './compareMultisets';
import { comparePages } from './comparePages';
import { compareRows } from './compareRows';
import { Tally } from './mismatches';
import { digestsPerRead, inBatches, isWhole, piecesOf } from './readBudget';

/** How often a table may be read from end to end, some of its buckets at a time. */
const MAX_SCANS = 5;

/** Rows to a bucket: few enough that many buckets with a difference can be read in one scan. */
export const BUCKET_ROWS = 2_000;

/**
 * Compares one part of a table. First both sides sum the hashes of its rows, bucket by bucket; where the sums differ,
 * the hashes are compared row by row; where these differ, the rows are, by meaning. `rows` is about how many the part
 * has: tables with columns that no hash covers are read row by row in any case, a bounded number at a time. Null where
 * lists of keys are the better way: when this would read a whole table with a key too many times, or the target has far
 * more rows than the source.
 */
export async function comparePart(
  sides: BothSides,
  part: VerificationPart,
  rows: number,
  tally = new Tally(part.table, sides.excuses),
): Promise<VerifiedPart | null> {
  const { table } = part;
  if (unhashedColumns(table).length > 0 && table.chunkKey !== null && table.keyOrdersAlike && part.buckets === null) {
    return (await comparePages(sides, part, tally)) ? tally.result() : null;
  }
  const suspicious =
    unhashedColumns(table).length > 0
      ? { parts: piecesOf(part, rows), counted: false }
      : await differingRows(sides, part, tally);
  if (isWhole(part) && table.chunkKey !== null && suspicious.parts.length > MAX_SCANS) return null;
  const multisets = table.chunkKey === null ? new MultisetComparison(sides, table, tally) : null;
  for (const rowsOf of suspicious.parts) {
    const digests = await sides.ask((side, signal) => side.digestRows(rowsOf, signal));
    if (!suspicious.counted) tally.see(countRows(digests.source), countRows(digests.target));
    if (multisets === null) await compareRows(sides, table, digests, tally);
    else multisets.compare(digests);
  }
  await multisets?.finish();
  return tally.result();
}

/** What has to be compared row by row, in parts that fit into memory. */
interface Suspicious {
  readonly parts: readonly VerificationPart[];
  /** True when the tally has seen these rows already. */
  readonly counted: boolean;
}

/** The buckets whose sums differ. Tallies all rows as seen, and those of equal buckets as verified. */
async function differingRows(sides: BothSides, part: VerificationPart, tally: Tally): Promise<Suspicious> {
  const most = digestsPerRead(part.table);
  let digested = part;
  let buckets = await digestBuckets(sides, part);
  if (part.buckets === null && buckets.some((bucket) => bucket.differs && sizeOf(bucket) > most)) {
    const rows = buckets.reduce((sum, bucket) => sum + sizeOf(bucket), 0);
    digested = { ...part, bucketCount: Math.ceil(rows / BUCKET_ROWS) };
    buckets = await digestBuckets(sides, digested);
  }
  for (const { source, target, differs } of buckets) {
    tally.see(source, target);
    if (!differs) tally.verify(source);
  }
  const differing = buckets.filter(({ differs }) => differs);
  const whole = digested.bucketCount === 1 && digested.buckets === null;
  const parts = inBatches(differing, sizeOf, most).map((group) =>
    whole ? digested : { ...digested, buckets: group.map(({ number }) => number) },
  );
  return { parts, counted: true };
}

interface Bucket {
  readonly number: number;
  readonly source: number;
  readonly target: number;
  readonly differs: boolean;
}

async function digestBuckets(sides: BothSides, part: VerificationPart): Promise<Bucket[]> {
  const digests = await sides.ask((side, signal) => side.digestBuckets(part, signal));
  const source = byNumber(digests.source);
  const target = byNumber(digests.target);
  return [...new Set([...source.keys(), ...target.keys()])].map((number) => {
    const own = source.get(number);
    const other = target.get(number);
    const differs = own?.rows !== other?.rows || own?.sum !== other?.sum;
    return { number, source: own?.rows ?? 0, target: other?.rows ?? 0, differs };
  });
}

function byNumber(digests: readonly BucketDigest[]): Map<number, BucketDigest> {
  return new Map(digests.map((digest) => [digest.bucket, digest]));
}

function sizeOf({ source, target }: Bucket): number {
  return Math.max(source, target);
}

function countRows(digests: Answers<readonly RowDigest[]>['source']): number {
  return digests.reduce((sum, { rows }) => sum + rows, 0);
}
