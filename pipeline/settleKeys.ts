import type { PlannedTable } from '../domain/plan';
import { keyIdentity, type RowKey } from '../domain/rowKey';
import type { RowDigest, VerifiedPart } from '../engines/engine';
import type { Answers, BothSides } from './bothSides';
import { rowsWith } from './compareKeyList';
import { compareRows } from './compareRows';
import { Tally } from './mismatches';

/** Rows that are written again and again are looked at so often; when nobody writes the rest is settled. */
const MAX_ROUNDS = 6;
/** A row that was the same so often, and differed each time, differs. Twice might be a change there and back. */
const PROVES = 3;
/** So many keys are looked at together. */
const KEYS_AT_ONCE = 10_000;

export interface SettledKeys {
  /** What was proven to differ. */
  readonly proven: Pick<VerifiedPart, 'mismatches' | 'examples'>;
  /** Rows of the source that turned out to be the same. */
  readonly verifiedRows: number;
  readonly unsettled: readonly RowKey[];
}

/** What was seen of a row that differed. */
interface Seen {
  readonly key: RowKey;
  /** The source's row as it was, or that there was none. */
  readonly row: string;
  /** How often in a row it was so. */
  readonly times: number;
}

/**
 * Looks at rows again and again while both sides are written to, each time once the target has all that the source had
 * when it was last looked at. A row that is equal once is done; one that rests and differs all the same is proven to.
 */
export async function settleKeys(
  sides: BothSides,
  table: PlannedTable,
  keys: readonly RowKey[],
  caughtUp: () => Promise<void>,
): Promise<SettledKeys> {
  const identify = keyIdentity(table);
  const proven = new Tally(table, sides.excuses);
  let open = new Map<string, Seen>(keys.map((key) => [identify(key), { key, row: 'not seen', times: 0 }]));
  let verifiedRows = 0;
  for (let round = 1; round <= MAX_ROUNDS && open.size > 0; round++) {
    await caughtUp();
    const waiting = [...open.values()];
    const still = new Map<string, Seen>();
    for (let at = 0; at < waiting.length; at += KEYS_AT_ONCE) {
      const asked = waiting.slice(at, at + KEYS_AT_ONCE).map(({ key }) => key);
      const digests = await sides.ask(rowsWith(table, asked));
      const look = await differing(sides, table, digests);
      verifiedRows += look.verifiedRows;
      const rows = byIdentity(digests.source, identify);
      for (const key of look.keys) {
        const id = identify(key);
        const row = rows.get(id) ?? 'none';
        const before = open.get(id);
        still.set(id, { key, row, times: before?.row === row ? before.times + 1 : 1 });
      }
      const rested = new Set([...still].filter(([, { times }]) => times >= PROVES).map(([id]) => id));
      const ofRested = (rows: readonly RowDigest[]): RowDigest[] => rows.filter(({ key }) => rested.has(identify(key)));
      const alike = { source: ofRested(digests.source), target: ofRested(digests.target) };
      if (rested.size > 0) await compareRows(sides, table, alike, proven);
      for (const id of rested) still.delete(id);
    }
    open = still;
  }
  return { proven: proven.result(), verifiedRows, unsettled: [...open.values()].map(({ key }) => key) };
}

/** The keys whose rows differ, by meaning. */
async function differing(
  sides: BothSides,
  table: PlannedTable,
  digests: Answers<readonly RowDigest[]>,
): Promise<{ keys: readonly RowKey[]; verifiedRows: number }> {
  const keys: RowKey[] = [];
  const tally = new Tally(table, sides.excuses, (_, key) => keys.push(key));
  await compareRows(sides, table, digests, tally);
  return { keys, verifiedRows: tally.result().verifiedRows };
}

/** What each row was like, by its key; rows that share a key count together. */
function byIdentity(rows: readonly RowDigest[], identify: (key: RowKey) => string): Map<string, string> {
  const described = new Map<string, string>();
  for (const { key, hash, unhashed } of rows) {
    const id = identify(key);
    described.set(id, `${described.get(id) ?? ''}${JSON.stringify([hash, unhashed])}`);
  }
  return described;
}
