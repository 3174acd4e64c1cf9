import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import type { RowKey } from '../domain/rowKey';
import type { Verifiable, VerifiedPart } from '../engines/engine';
import { BothSides, shareOut, type Answers } from './bothSides';
import { compareKeyList, compareKeys, nameExtras } from './compareKeyList';
import { comparePart } from './comparePart';
import { Excuses } from './excuses';
import { faultPoint } from './faultPoint';
import { Tally } from './mismatches';
import { isWhole } from './readBudget';
import { joinedChunks, partsOf, partsToSample, sampleOrder, wholeTable } from './verificationParts';

export interface TableVerification {
  readonly source: Verifiable;
  readonly target: Verifiable;
  /** More pairs of connections, to compare several parts of the table at once. */
  readonly more?: readonly Answers<Verifiable>[];
  readonly table: PlannedTable;
  /** The chunks the table was copied in, all of them, in order; none is the whole table as one. */
  readonly ranges: readonly KeyRange[];
  /** `counts` compares numbers of rows; `sample` also all columns of some rows; `full` all columns of all rows. */
  readonly mode: 'full' | 'sample' | 'counts';
  readonly samplePercent: number;
  /** The keys of the rows that the copy rejected; null for those whose key is not known. */
  readonly rejected?: readonly (RowKey | null)[];
  /** Two samples with the same seed take the same parts. */
  readonly seed: string;
  /** What earlier attempts have compared, by part. */
  readonly done: ReadonlyMap<string, VerifiedPart>;
  /** Called as each part is done; with more connections, perhaps while another call is under way. */
  readonly onPart: (part: string, result: VerifiedPart) => Promise<void>;
  readonly signal: AbortSignal;
  /** Called whenever both servers have answered. */
  readonly heartbeat: () => void;
}

/** The part under whose name the two counts are stored. */
export const COUNTS = 'counts';

/**
 * Compares one table on source and target; what it answers is about the whole table. Nothing may be written to either
 * meanwhile, or it shows as a difference. In mode `counts` a mismatch is a row by which the numbers differ.
 */
export async function verifyTable(task: TableVerification): Promise<VerifiedPart> {
  const { signal, heartbeat, more = [], rejected = [] } = task;
  const excuses = new Excuses(task.table, rejected);
  const sides = new BothSides(task.source, task.target, excuses, signal, heartbeat);
  const lanes = [sides, ...more.map(({ source, target }) => new BothSides(source, target, excuses, signal, heartbeat))];
  const counts = await storedOr(task, COUNTS, () => compareCounts(sides, task.table));
  if (task.mode === 'counts') return counts;
  const comparison = { ...task, sides, lanes, counts, rows: Math.max(counts.sourceRows, counts.targetRows) };
  const compared = await (task.mode === 'sample' ? compareSample(comparison) : compareAll(comparison));
  return withCounts(compared, counts);
}

/** Compares the rows of a table that have these keys. */
export async function verifyKeys(
  source: Verifiable,
  target: Verifiable,
  table: PlannedTable,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<VerifiedPart> {
  const sides = new BothSides(source, target, new Excuses(table, []), signal, () => undefined);
  return compareKeys(sides, table, keys);
}

/** What comparing a table's rows needs to know. */
interface Comparison extends TableVerification {
  readonly sides: BothSides;
  /** `sides` and those beside it. */
  readonly lanes: readonly BothSides[];
  readonly counts: VerifiedPart;
  /** Of the side that has more. */
  readonly rows: number;
}

async function compareAll(comparison: Comparison): Promise<VerifiedPart> {
  const { table, ranges, rows, lanes, counts } = comparison;
  const total = new Tally(table, comparison.sides.excuses);
  const tooMuch: string[] = [];
  await shareOut(lanes, partsOf(table, ranges, rows), async (sides, { name, part, rows: about }) => {
    const compared = await storedOr(comparison, name, () => comparePart(sides, part, about));
    if (compared === null) tooMuch.push(name);
    else total.add(compared);
  });
  return tooMuch.length > 0 ? compareByKeys(comparison) : withUncovered(total, counts);
}

/** Parts by chance until enough rows are compared. What only the target has beside them shows in the counts. */
async function compareSample(comparison: Comparison): Promise<VerifiedPart> {
  const { table, ranges, rows, sides, samplePercent, seed } = comparison;
  const total = new Tally(table, comparison.sides.excuses);
  for (const { name, part, rows: about } of sampleOrder(partsToSample(table, ranges, rows), samplePercent, seed)) {
    // A chunk whose key the target orders otherwise is found there by the keys themselves.
    const byKeys = !table.keyOrdersAlike && !isWhole(part);
    const compare = byKeys ? compareKeyList : comparePart;
    const compared = await storedOr(comparison, name, () => compare(sides, part, about));
    if (compared === null) return compareByKeys(comparison);
    total.add(compared);
    if (total.seenRows >= (rows * samplePercent) / 100) break;
  }
  return total.result();
}

/** Chunk by chunk of the source, the target being asked for the same keys; then what only the target has. */
async function compareByKeys(comparison: Comparison): Promise<VerifiedPart> {
  const { table, ranges, rows, sides, lanes, counts } = comparison;
  const total = new Tally(table, sides.excuses);
  const parts = joinedChunks(table, ranges, rows, 'keys of chunks');
  await shareOut(lanes, parts, async (lane, { name, part, rows: about }) => {
    total.add(await storedOr(comparison, name, () => compareKeyList(lane, part, about)));
  });
  const surplus = counts.targetRows - total.result().targetRows;
  if (surplus > 0) {
    total.add(await storedOr(comparison, 'extra rows', () => nameExtras(sides, wholeTable(table, rows).part, surplus)));
  }
  return withUncovered(total, counts);
}

/** What is stored of a part, or else what comes of comparing it now. */
async function storedOr<T extends VerifiedPart | null>(
  { done, onPart }: TableVerification,
  name: string,
  compare: () => Promise<T>,
): Promise<T | VerifiedPart> {
  const stored = done.get(name);
  if (stored !== undefined) return stored;
  const compared = await compare();
  if (compared === null) return compared;
  await onPart(name, compared);
  faultPoint('verify.afterPart');
  return compared;
}

/** How many rows there are; a mismatch is a row by which the numbers differ. */
export async function compareCounts(sides: BothSides, table: PlannedTable): Promise<VerifiedPart> {
  const { source, target } = await sides.ask((side, signal) => side.countRows(table, signal));
  const mismatches = Math.abs(source - sides.excuses.rejected.length - target);
  return { sourceRows: source, targetRows: target, verifiedRows: 0, mismatches, examples: [] };
}

/** The differences found, and at least as many as the counts prove. */
export function withCounts({ verifiedRows, examples, mismatches }: VerifiedPart, counts: VerifiedPart): VerifiedPart {
  return { ...counts, verifiedRows, examples, mismatches: Math.max(mismatches, counts.mismatches) };
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
