import { MigrationError } from '../domain/errors';
import type { PlannedTable } from '../domain/plan';
import { keyIdentity, type RowKey } from '../domain/rowKey';
import type { VerificationPart, VerifiedPart } from '../engines/engine';
import { BothSides, shareOut } from './bothSides';
import { compareKeyList } from './compareKeyList';
import { comparePart } from './comparePart';
import { Excuses } from './excuses';
import { Tally } from './mismatches';
import { settleKeys } from './settleKeys';
import { partsOf } from './verificationParts';
import type { TableVerification } from './verifyTable';

/** So many keys of a table may differ at first sight, because they are written while they are looked at, or really. */
const MAX_DOUBTFUL = 500_000;

export interface LiveVerification extends Pick<
  TableVerification,
  'source' | 'target' | 'more' | 'table' | 'ranges' | 'signal' | 'heartbeat'
> {
  /** About how many rows the table has. */
  readonly rows: number;
  /** The keys of the rows that the copy rejected, as far as they are known. */
  readonly rejected: readonly RowKey[];
  /** Resolves once the target has all that the source had when it was called. */
  readonly caughtUp: () => Promise<void>;
}

export interface LiveResult {
  /** Mismatches are of rows that rested while they were looked at again and again, and differed each time. */
  readonly verified: VerifiedPart;
  /** Keys of rows that never rested. */
  readonly unsettled: readonly RowKey[];
}

/**
 * Compares every row of a table that has a key while both sides are written to: the source by its application, the target
 * by the stream. What differs at first sight is looked at again, by its key, once the stream has passed it. Counts prove
 * nothing here, and are compared when nobody writes. Errors: VERIFICATION_FAILED when too much differs to be looked at
 * again.
 */
export async function verifyLive(task: LiveVerification): Promise<LiveResult> {
  const { table, ranges, rows, signal, heartbeat, more = [] } = task;
  const excuses = new Excuses(table, task.rejected);
  const sides = new BothSides(task.source, task.target, excuses, signal, heartbeat);
  const others = more.map(({ source, target }) => new BothSides(source, target, excuses, signal, heartbeat));
  const doubtful = new DoubtfulKeys(table);
  const total = new Tally(table, excuses);
  await shareOut([sides, ...others], partsOf(table, ranges, rows), async (lane, { part, rows: about }) => {
    const { sourceRows, targetRows, verifiedRows } = await firstSight(lane, part, about, doubtful);
    total.see(sourceRows, targetRows);
    total.verify(verifiedRows);
  });
  const { proven, verifiedRows, unsettled } = await settleKeys(sides, table, doubtful.keys(), task.caughtUp);
  total.verify(verifiedRows);
  return { verified: { ...total.result(), mismatches: proven.mismatches, examples: proven.examples }, unsettled };
}

/** The same for some rows of a table, by their keys. */
export async function settleChangedKeys(
  task: Omit<LiveVerification, 'ranges' | 'rows' | 'more'>,
  keys: readonly RowKey[],
): Promise<LiveResult> {
  const { source, target, table, signal, heartbeat } = task;
  const excuses = new Excuses(table, task.rejected);
  const sides = new BothSides(source, target, excuses, signal, heartbeat);
  const { proven, verifiedRows, unsettled } = await settleKeys(sides, table, keys, task.caughtUp);
  return { verified: { sourceRows: 0, targetRows: 0, verifiedRows, ...proven }, unsettled };
}

async function firstSight(
  sides: BothSides,
  part: VerificationPart,
  rows: number,
  doubtful: DoubtfulKeys,
): Promise<VerifiedPart> {
  const tally = (): Tally => new Tally(part.table, sides.excuses, doubtful.note);
  // What only the target has is not seen in lists of the source's keys; the counts tell when nobody writes.
  return (await comparePart(sides, part, rows, tally())) ?? compareKeyList(sides, part, rows, tally());
}

/** Keys that differed at first sight, each once. */
class DoubtfulKeys {
  private readonly found = new Map<string, RowKey>();
  private readonly identify: (key: RowKey) => string;

  constructor(private readonly table: PlannedTable) {
    this.identify = keyIdentity(table);
  }

  readonly note = (_kind: string, key: RowKey): void => {
    this.found.set(this.identify(key), key);
    if (this.found.size <= MAX_DOUBTFUL) return;
    throw new MigrationError(
      'VERIFICATION_FAILED',
      `table ${this.table.source.name}: more than ${MAX_DOUBTFUL} rows differ between source and target`,
    );
  };

  keys(): RowKey[] {
    return [...this.found.values()];
  }
}
