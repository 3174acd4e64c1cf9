import type { RowKey } from '../domain/rowKey';
import type { LiveResult, LiveVerification } from './verifyLive';
import { verifyTable, type TableVerification } from './verifyTable';

/** Kept as the keys of what never rested, of a table without a key: its rows are compared all together or not at all. */
export const WHOLE_TABLE: readonly RowKey[] = [[]];

/**
 * Compares a table without a key while both sides are written to. It can only be found equal: of what differs nobody can
 * tell whether it is only late, so that is told by a comparison under the freeze. What was found equal stays so until the
 * table is changed behind a position that was noted before.
 */
export async function verifyKeyless(
  task: Omit<LiveVerification, 'rejected'> & Pick<TableVerification, 'rejected'>,
): Promise<LiveResult> {
  await task.caughtUp();
  const verified = await verifyTable({
    ...task,
    ...{ mode: 'full', samplePercent: 100, seed: '', done: new Map() },
    onPart: () => Promise.resolve(),
  });
  if (verified.mismatches === 0) return { verified, unsettled: [] };
  return { verified: { ...verified, mismatches: 0, examples: [] }, unsettled: WHOLE_TABLE };
}
