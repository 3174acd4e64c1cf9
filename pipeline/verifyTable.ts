import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import type { Verifiable, VerifiedPart } from '../engines/engine';
import { BothSides } from './bothSides';
import { comparePart } from './comparePart';
import { faultPoint } from './faultPoint';
import { Tally } from './mismatches';
import { partsOf, sampleOrder } from './verificationParts';

export interface TableVerification {
  readonly source: Verifiable;
  readonly target: Verifiable;
  readonly table: PlannedTable;
  /** The chunks the table was copied in, all of them, in order; none is the whole table as one. */
  readonly ranges: readonly KeyRange[];
  /** `counts` compares numbers of rows; `sample` also all columns of some rows; `full` all columns of all rows. */
  readonly mode: 'full' | 'sample' | 'counts';
  readonly samplePercent: number;
  /** Two samples with the same seed take the same parts. */
  readonly seed: string;
  /** What earlier attempts have compared, by part. */
  readonly done: ReadonlyMap<string, VerifiedPart>;
  readonly onPart: (part: string, result: VerifiedPart) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called whenever both servers have answered. */
  readonly heartbeat: () => void;
}

/** The part under whose name the two counts are stored. */
const COUNTS = 'counts';

/**
 * Compares one table on source and target; what it answers is about the whole table. Nothing may be written to either
 * meanwhile, or it shows as a difference. In mode `counts` a mismatch is a row by which the numbers differ.
 */
export async function verifyTable(task: TableVerification): Promise<VerifiedPart> {
  const sides = new BothSides(task.source, task.target, task.signal, task.heartbeat);
  const counts = await storedOr(task, COUNTS, () => compareCounts(sides, task.table));
  if (task.mode === 'counts') return counts;

  const rows = Math.max(counts.sourceRows, counts.targetRows);
  const parts = partsOf(task.table, task.ranges, rows);
  const isSample = task.mode === 'sample';
  const total = new Tally(task.table);
  const enough = isSample ? (rows * task.samplePercent) / 100 : Infinity;
  for (const { name, part, rows: about } of isSample ? sampleOrder(parts, task.samplePercent, task.seed) : parts) {
    const compared = await storedOr(task, name, () => comparePart(sides, part, about));
    total.add(compared);
    if (total.seenRows >= enough) break;
  }
  return isSample ? withCounts(total.result(), counts) : withUncovered(total, counts);
}

async function storedOr(
  { done, onPart }: TableVerification,
  name: string,
  compare: () => Promise<VerifiedPart>,
): Promise<VerifiedPart> {
  const stored = done.get(name);
  if (stored !== undefined) return stored;
  const compared = await compare();
  await onPart(name, compared);
  faultPoint('verify.afterPart');
  return compared;
}

async function compareCounts(sides: BothSides, table: PlannedTable): Promise<VerifiedPart> {
  const { source, target } = await sides.ask((side, signal) => side.countRows(table, signal));
  const mismatches = Math.abs(source - target);
  return { sourceRows: source, targetRows: target, verifiedRows: 0, mismatches, examples: [] };
}

/** A sample's differences, and at least as many as the counts prove. */
function withCounts(sample: VerifiedPart, counts: VerifiedPart): VerifiedPart {
  const { verifiedRows, examples } = sample;
  return { ...counts, verifiedRows, examples, mismatches: Math.max(sample.mismatches, counts.mismatches) };
}

/**
 * A row that no part covers was compared by nobody, and copied by nobody: key ranges that leave one out would be a
 * fault that both have in common. The counts, which know nothing of ranges, find it.
 */
function withUncovered(total: Tally, counts: VerifiedPart): VerifiedPart {
  const { sourceRows, targetRows } = total.result();
  const missing = counts.sourceRows - sourceRows;
  const extra = counts.targetRows - targetRows;
  const where = ['a row outside every part that was compared'];
  if (missing !== 0) total.differ('missing', where, [], Math.abs(missing));
  if (extra !== 0) total.differ('extra', where, [], Math.abs(extra));
  return { ...total.result(), sourceRows: counts.sourceRows, targetRows: counts.targetRows };
}
