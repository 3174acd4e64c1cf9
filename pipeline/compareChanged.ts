import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import type { RowKey } from '../domain/rowKey';
import type { Verifiable, VerifiedPart } from '../engines/engine';
import { BothSides } from './bothSides';
import { compareKeys } from './compareKeyList';
import { Excuses } from './excuses';
import { Tally } from './mismatches';
import { compareCounts, verifyTable, withCounts } from './verifyTable';

/** So many keys are looked at together. */
const KEYS_AT_ONCE = 10_000;

export interface ChangedComparison {
  readonly source: Verifiable;
  readonly target: Verifiable;
  readonly table: PlannedTable;
  /** Rows that are not compared yet; null where that may be any. */
  readonly keys: readonly RowKey[] | null;
  /** See TableVerification. */
  readonly ranges: readonly KeyRange[];
  readonly rejected: readonly (RowKey | null)[];
  readonly signal: AbortSignal;
}

/**
 * Completes the comparison of a table while nobody writes: what has been changed since the rest was compared, and how many
 * rows there are. What it answers is about the whole table, the rows that were compared before with it.
 */
export async function compareChanged(task: ChangedComparison): Promise<VerifiedPart> {
  const { source, target, table, keys, rejected, signal } = task;
  if (keys === null) return compareWhole(task);
  const sides = new BothSides(source, target, new Excuses(table, rejected), signal, () => undefined);
  const counts = await compareCounts(sides, table);
  const total = new Tally(table, sides.excuses);
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    total.add(await compareKeys(sides, table, keys.slice(at, at + KEYS_AT_ONCE)));
  }
  const { mismatches, examples } = total.result();
  const verifiedRows = Math.max(0, counts.sourceRows - rejected.length - mismatches);
  return withCounts({ ...counts, verifiedRows, mismatches, examples }, counts);
}

function compareWhole({ source, target, table, ranges, rejected, signal }: ChangedComparison): Promise<VerifiedPart> {
  return verifyTable({
    ...{ source, target, table, ranges, rejected, signal },
    ...{ mode: 'full', samplePercent: 100, seed: '', done: new Map() },
    onPart: () => Promise.resolve(),
    heartbeat: () => undefined,
  });
}
