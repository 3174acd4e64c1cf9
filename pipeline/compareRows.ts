import type { PlannedTable } from '../domain/plan';
import { keyIdentity, unhashedColumns } from '../domain/rowKey';
import type { RowDigest } from '../engines/engine';
import type { Answers, BothSides } from './bothSides';
import { differingColumns } from './compareMeaning';
import type { Tally } from './mismatches';
import { readSuspects, type Suspect } from './readSuspects';

/**
 * Compares rows by key: equal hashes are equal rows; of the others each column is read and compared by meaning. What
 * only one side has is missing or extra. Where two rows of a side have one key (it may have lost its uniqueness on the
 * target), each needs a counterpart of its own.
 */
export async function compareRows(
  sides: BothSides,
  table: PlannedTable,
  digests: Answers<readonly RowDigest[]>,
  tally: Tally,
): Promise<void> {
  const suspects: Suspect[] = [];
  for (const [, { source, target }] of leftOver(table, digests, tally)) {
    if (target.length === 0) for (const row of source) tally.differ('missing', row.key);
    else if (source.length === 0) for (const row of target) tally.differ('extra', row.key);
    else suspects.push({ source, target });
  }
  await readSuspects(sides, table, suspects, tally);
}

/** The digests of one key, while rows are still put to them and taken out. */
type Open = Answers<RowDigest[]>;

/** Takes equal rows out, counting them as verified; answers the others by key. */
function leftOver(table: PlannedTable, digests: Answers<readonly RowDigest[]>, tally: Tally): Map<string, Open> {
  const identify = keyIdentity(table);
  const unhashed = unhashedColumns(table);
  const byKey = new Map<string, Open>();
  for (const row of digests.source) {
    const id = identify(row.key);
    const found = byKey.get(id);
    if (found === undefined) byKey.set(id, { source: [row], target: [] });
    else found.source.push(row);
  }
  for (const row of digests.target) {
    const id = identify(row.key);
    const found = byKey.get(id);
    if (found === undefined) {
      byKey.set(id, { source: [], target: [row] });
      continue;
    }
    const equal = found.source.findIndex(
      (candidate) =>
        candidate.hash === row.hash && differingColumns(unhashed, candidate.unhashed, row.unhashed).length === 0,
    );
    if (equal < 0) {
      found.target.push(row);
      continue;
    }
    found.source.splice(equal, 1);
    tally.verify(1);
    if (found.source.length + found.target.length === 0) byKey.delete(id);
  }
  return byKey;
}
