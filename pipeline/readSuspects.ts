import type { PlannedColumn, PlannedTable } from '../domain/plan';
import { keyIdentity, unhashedColumns } from '../domain/rowKey';
import type { CanonicalRow, RowDigest } from '../engines/engine';
import type { Answers, BothSides, Question } from './bothSides';
import { differingColumns, longJsonBytes, withJsonDigested } from './compareMeaning';
import type { Tally } from './mismatches';
import { inBatches, READ_BYTES, rowsPerRead } from './readBudget';

/** The digests of rows that have one key, some on either side, and are not the same by hash. */
export type Suspect = Answers<readonly RowDigest[]>;

/** Beyond so many differing rows the rest is counted by hash alone and not read any more. */
const MAX_ROWS_READ = 10_000;
const MAX_KEYS_READ = 500;

type Rows = Answers<readonly CanonicalRow[]>;

/**
 * Reads rows whose hashes differ, compares them by meaning, and tallies what they turn out to be. JSON too long to be
 * read along with others is read in a second turn, as much at once as fits into memory.
 */
export async function readSuspects(
  sides: BothSides,
  table: PlannedTable,
  suspects: readonly Suspect[],
  tally: Tally,
): Promise<void> {
  const unhashed = unhashedColumns(table);
  const withLongJson: { suspect: Suspect; bytes: number }[] = [];
  const others: Suspect[] = [];
  for (const suspect of suspects) {
    const bytes = sum([...suspect.source, ...suspect.target], (row) => longJsonBytes(unhashed, row.unhashed));
    if (bytes > 0) withLongJson.push({ suspect, bytes });
    else others.push(suspect);
  }
  for (const batch of inBatches(others, () => 1, rowsPerRead(table, MAX_KEYS_READ))) {
    for (const { suspect, rows } of await readPairs(sides, table, batch, false, tally)) {
      const bytes = sum([...rows.source, ...rows.target], ({ values }) => longJsonBytes(table.columns, values));
      if (bytes > 0) withLongJson.push({ suspect, bytes });
      else compareAlike(table.columns, suspect, rows, tally);
    }
  }
  for (const batch of inBatches(withLongJson, ({ bytes }) => bytes, READ_BYTES)) {
    const asked = batch.map(({ suspect }) => suspect);
    for (const { suspect, rows } of await readPairs(sides, table, asked, true, tally)) {
      compareAlike(table.columns, suspect, rows, tally);
    }
  }
}

/** The rows of suspects on both sides; none of them when so many differ already that they are only counted. */
async function readPairs(
  sides: BothSides,
  table: PlannedTable,
  suspects: readonly Suspect[],
  wholeJson: boolean,
  tally: Tally,
): Promise<{ suspect: Suspect; rows: Rows }[]> {
  if (tally.differences > MAX_ROWS_READ) {
    for (const suspect of suspects) countByHash(suspect, tally);
    return [];
  }
  const read =
    (side: keyof Suspect): Question<CanonicalRow[]> =>
    async (of, signal) => {
      const keys = suspects.flatMap((suspect) => suspect[side].slice(0, 1).map(({ key }) => key));
      const rows = await of.readRows({ table, keys, hashes: [], wholeJson }, signal);
      if (!wholeJson) return rows;
      return rows.map(({ key, values }) => ({ key, values: withJsonDigested(table.columns, values) }));
    };
  // Long texts of both sides at once would take twice the memory.
  const rows = wholeJson
    ? await sides.askInTurn(read('source'), read('target'))
    : await sides.askEach(read('source'), read('target'));
  const identify = keyIdentity(table);
  const group = (side: keyof Suspect): Map<string, CanonicalRow[]> => groupBy(rows[side], ({ key }) => identify(key));
  const byKey = { source: group('source'), target: group('target') };
  return suspects.map((suspect) => {
    const id = identify(suspect.source[0]?.key ?? []);
    return { suspect, rows: { source: byKey.source.get(id) ?? [], target: byKey.target.get(id) ?? [] } };
  });
}

function groupBy<T>(items: readonly T[], identify: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const id = identify(item);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Compares the rows of one key, in most cases one of each side; of several, those with equal hashes are among them and
 * counted before. Rows gone since their hash was read are gone.
 */
function compareAlike(columns: readonly PlannedColumn[], suspect: Suspect, rows: Rows, tally: Tally): void {
  const target = [...rows.target];
  const different: CanonicalRow[] = [];
  for (const row of rows.source) {
    const equal = target.findIndex(({ values }) => differingColumns(columns, row.values, values).length === 0);
    if (equal < 0) different.push(row);
    else target.splice(equal, 1);
  }
  tally.verify(Math.max(0, suspect.source.length - different.length));
  for (const row of different) {
    const other = target.shift();
    if (other === undefined) tally.differ('missing', row.key);
    else tally.differ('different', row.key, differingColumns(columns, row.values, other.values));
  }
  for (const row of target) tally.differ('extra', row.key);
}

function countByHash({ source, target }: Suspect, tally: Tally): void {
  tally.differ('different', source[0]?.key ?? [], [], Math.min(source.length, target.length));
  for (const { key } of source.slice(target.length)) tally.differ('missing', key);
  for (const { key } of target.slice(source.length)) tally.differ('extra', key);
}

function sum<T>(items: readonly T[], size: (item: T) => number): number {
  return items.reduce((total, item) => total + size(item), 0);
}
