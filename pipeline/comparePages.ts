import type { KeyBound, KeyRange } from '../domain/keys';
import type { RowDigest, VerificationPart } from '../engines/engine';
import type { Answers, BothSides, Question } from './bothSides';
import { compareRows } from './compareRows';
import type { Tally } from './mismatches';
import { rowsPerPage } from './readBudget';

/** Rows of the source that follow each other by key, and the range they are all the rows of. */
interface Page {
  readonly rows: readonly RowDigest[];
  readonly range: KeyRange;
}

/**
 * Compares the rows of a key range that both engines order alike, a page at a time and each row read once: the source
 * reads on while the target is asked for the range of the page before. False when the target has more than twice a
 * page's rows in its range: these would not fit into memory.
 */
export async function comparePages(sides: BothSides, part: VerificationPart, tally: Tally): Promise<boolean> {
  const { table } = part;
  const first = rowsPerPage(table);
  const tooMany = 2 * first + 1;
  let unread = part.range as KeyRange | null;
  let page = null as Page | null;
  while (unread !== null || page !== null) {
    const { source, target }: Answers<RowDigest[]> = await sides.askEach(
      firstRows(part, unread, first),
      firstRows(part, page?.range ?? null, tooMany),
    );
    if (page !== null) {
      if (target.length === tooMany) return false;
      tally.see(page.rows.length, target.length);
      await compareRows(sides, table, { source: page.rows, target }, tally);
    }
    const read: KeyRange | null = unread;
    const last: KeyBound | null = source.length < first ? null : (source.at(-1)?.key ?? null);
    page = read && { rows: source, range: { after: read.after, upTo: last ?? read.upTo } };
    unread = read && last && { after: last, upTo: read.upTo };
  }
  return true;
}

function firstRows(part: VerificationPart, range: KeyRange | null, first: number): Question<RowDigest[]> {
  return (side, signal) => (range === null ? Promise.resolve([]) : side.digestRows({ ...part, range, first }, signal));
}
