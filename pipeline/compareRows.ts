import { meaningOf } from '../domain/canonicalText';
import type { PlannedColumn, PlannedTable } from '../domain/plan';
import { keyColumns, unhashedColumns, type RowKey } from '../domain/rowKey';
import type { CanonicalRow, RowDigest } from '../engines/engine';
import type { Answers, BothSides } from './bothSides';
import { differingColumns, holdsLongJson } from './compareMeaning';
import type { Tally } from './mismatches';
import { rowsPerRead } from './readBudget';

/** Rows that are on both sides and differ in their hashes: their digests by side. */
type Suspect = Answers<RowDigest[]>;

/** Beyond so many differing rows of a table the rest is counted by hash alone and not read any more. */
const MAX_ROWS_READ = 10_000;
const MAX_KEYS_READ = 500;

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
  const batch = rowsPerRead(table, MAX_KEYS_READ);
  for (let at = 0; at < suspects.length; at += batch) {
    await readSuspects(sides, table, suspects.slice(at, at + batch), tally);
  }
}

/** Takes equal rows out, counting them as verified; answers the others by key. */
function leftOver(table: PlannedTable, digests: Answers<readonly RowDigest[]>, tally: Tally): Map<string, Suspect> {
  const identify = keyIdentity(table);
  const unhashed = unhashedColumns(table);
  const byKey = new Map<string, Suspect>();
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

/** Tells keys apart by meaning: the engines may spell one key differently. */
export function keyIdentity(table: PlannedTable): (key: RowKey) => string {
  const columns = keyColumns(table);
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return ([text = '']) => meaningOf(only, text);
  return (key) => JSON.stringify(columns.map((column, index) => meaningOf(column, key[index] ?? '')));
}

async function readSuspects(
  sides: BothSides,
  table: PlannedTable,
  suspects: readonly Suspect[],
  tally: Tally,
): Promise<void> {
  if (tally.differences > MAX_ROWS_READ) {
    for (const { source, target } of suspects) countByHash(source, target, tally);
    return;
  }
  const identify = keyIdentity(table);
  const rows = await readRows(sides, table, suspects);
  const byKey = { source: groupBy(rows.source, identify), target: groupBy(rows.target, identify) };
  for (const { source, target } of suspects) {
    const [first] = source;
    const id = identify(first?.key ?? []);
    const pair = { source: byKey.source.get(id) ?? [], target: byKey.target.get(id) ?? [] };
    const whole = [...pair.source, ...pair.target].some(({ values }) => holdsLongJson(table.columns, values))
      ? await readRows(sides, table, [{ source: source.slice(0, 1), target: target.slice(0, 1) }])
      : pair;
    compareAlike(table.columns, whole, source.length, tally);
  }
}

function readRows(
  sides: BothSides,
  table: PlannedTable,
  suspects: readonly Suspect[],
): Promise<Answers<readonly CanonicalRow[]>> {
  const keys = (side: keyof Suspect): RowKey[] =>
    suspects.flatMap((suspect) => suspect[side].slice(0, 1).map(({ key }) => key));
  return sides.askEach(
    (source, signal) => source.readRows(table, keys('source'), [], signal),
    (target, signal) => target.readRows(table, keys('target'), [], signal),
  );
}

function groupBy(rows: readonly CanonicalRow[], identify: (key: RowKey) => string): Map<string, CanonicalRow[]> {
  const groups = new Map<string, CanonicalRow[]>();
  for (const row of rows) {
    const id = identify(row.key);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return groups;
}

/**
 * Compares the rows of one key, in most cases one of each side; of several, those with equal hashes are among them and
 * counted before. Rows gone since their hash was read are gone.
 */
function compareAlike(
  columns: readonly PlannedColumn[],
  rows: Answers<readonly CanonicalRow[]>,
  suspects: number,
  tally: Tally,
): void {
  const target = [...rows.target];
  const different: CanonicalRow[] = [];
  for (const row of rows.source) {
    const equal = target.findIndex(({ values }) => differingColumns(columns, row.values, values).length === 0);
    if (equal < 0) different.push(row);
    else target.splice(equal, 1);
  }
  tally.verify(Math.max(0, suspects - different.length));
  for (const row of different) {
    const other = target.shift();
    if (other === undefined) tally.differ('missing', row.key);
    else tally.differ('different', row.key, differingColumns(columns, row.values, other.values));
  }
  for (const row of target) tally.differ('extra', row.key);
}

function countByHash(source: readonly RowDigest[], target: readonly RowDigest[], tally: Tally): void {
  const [row] = source;
  tally.differ('different', row?.key ?? [], [], Math.min(source.length, target.length));
  for (const { key } of source.slice(target.length)) tally.differ('missing', key);
  for (const { key } of target.slice(source.length)) tally.differ('extra', key);
}
