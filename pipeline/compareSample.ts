import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import type { RowKey } from '../domain/rowKey';
import type { Verifiable, VerificationPart, VerifiedPart } from '../engines/engine';
import { BothSides } from './bothSides';
import { compareKeyList } from './compareKeyList';
import { BUCKET_ROWS, comparePart } from './comparePart';
import { Excuses } from './excuses';
import { Tally } from './mismatches';
import { isWhole } from './readBudget';

export interface SampleComparison {
  readonly source: Verifiable;
  readonly target: Verifiable;
  readonly table: PlannedTable;
  /** What was copied of the table: all that the target holds of it. */
  readonly chunks: readonly { readonly range: KeyRange; readonly rows: number }[];
  /** As TableVerification has them. */
  readonly rejected: readonly (RowKey | null)[];
  readonly signal: AbortSignal;
}

/** Compares what a trial has copied of a table, chunk by chunk, and looks for rows on the target that no chunk brought. */
export async function compareSample(sample: SampleComparison): Promise<VerifiedPart> {
  const { source, target, table, chunks, rejected, signal } = sample;
  const excuses = new Excuses(table, rejected);
  const sides = new BothSides(source, target, excuses, signal, () => undefined);
  const tally = new Tally(table, excuses);
  for (const { range, rows } of chunks) tally.add(await compareChunk(sides, table, range, rows));
  const others = (await target.countRows(table, signal)) - tally.result().targetRows;
  if (others !== 0) {
    tally.differ(others > 0 ? 'extra' : 'missing', ['a row outside every part that was tried'], [], Math.abs(others));
  }
  return tally.result();
}

/** False for a table without a key whose rows were chosen in more than one way: nothing tells them apart again. */
export function canCompareSample({ chunkKey }: PlannedTable, ranges: readonly KeyRange[]): boolean {
  return chunkKey !== null || ranges.every(({ among }) => among === undefined);
}

async function compareChunk(
  sides: BothSides,
  table: PlannedTable,
  range: KeyRange,
  rows: number,
): Promise<VerifiedPart> {
  const part: VerificationPart = { table, range, bucketCount: 1, buckets: null, keys: null };
  const whole = isWhole(part);
  const sameRows = range.among === undefined && (whole || table.keyOrdersAlike);
  const bucketCount = whole ? Math.max(1, Math.ceil(rows / BUCKET_ROWS)) : 1;
  const compared = sameRows ? await comparePart(sides, { ...part, bucketCount }, rows) : null;
  return compared ?? compareKeyList(sides, part, rows);
}
