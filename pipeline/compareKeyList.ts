import type { PlannedTable } from '../domain/plan';
import { keyIdentity, type RowKey } from '../domain/rowKey';
import type { RowDigest, VerificationPart, VerifiedPart } from '../engines/engine';
import type { BothSides, Question } from './bothSides';
import { compareRows } from './compareRows';
import { Tally } from './mismatches';
import { digestsPerRead, piecesOf } from './readBudget';

/** The most keys one statement asks for. */
const KEYS_PER_QUERY = 1_000;

/**
 * Compares the rows of a key range that only the source understands: the target is asked for the keys found there,
 * while the source reads on. What the target has besides is not seen; see `nameExtras`.
 */
export async function compareKeyList(
  sides: BothSides,
  part: VerificationPart,
  rows: number,
  tally = new Tally(part.table, sides.excuses),
): Promise<VerifiedPart> {
  const { table } = part;
  let found: readonly RowDigest[] = [];
  for (const piece of [...piecesOf(part, rows), null]) {
    const { source, target } = await sides.askEach(
      (side, signal) => (piece === null ? Promise.resolve([]) : side.digestRows(piece, signal)),
      rowsWith(
        table,
        found.map(({ key }) => key),
      ),
    );
    tally.see(found.length, target.length);
    await compareRows(sides, table, { source: found, target }, tally);
    found = source;
  }
  return tally.result();
}

/** Compares the rows with these keys. */
export async function compareKeys(
  sides: BothSides,
  table: PlannedTable,
  keys: readonly RowKey[],
  tally = new Tally(table, sides.excuses),
): Promise<VerifiedPart> {
  const digests = await sides.ask(rowsWith(table, keys));
  tally.see(digests.source.length, digests.target.length);
  await compareRows(sides, table, digests, tally);
  return tally.result();
}

/** The digests of the rows with these keys. */
export function rowsWith(table: PlannedTable, keys: readonly RowKey[]): Question<RowDigest[]> {
  return async (side, signal) => {
    const found: RowDigest[] = [];
    for (let at = 0; at < keys.length; at += KEYS_PER_QUERY) {
      const some = keys.slice(at, at + KEYS_PER_QUERY);
      const part = { table, range: { after: null, upTo: null }, bucketCount: 1, buckets: null, keys: some };
      found.push(...(await side.digestRows(part, signal)));
    }
    return found;
  };
}

/**
 * Names rows that only the target has, of which there must be `surplus`: by the buckets that hold more rows there than
 * on the source, as many as fit into memory.
 */
export async function nameExtras(sides: BothSides, part: VerificationPart, surplus: number): Promise<VerifiedPart> {
  const { table } = part;
  const tally = new Tally(table, sides.excuses);
  tally.see(0, surplus);
  const buckets = await fullerBuckets(sides, part);
  const rows = await sides.ask((side, signal) => side.digestRows({ ...part, buckets }, signal));
  const identify = keyIdentity(table);
  const known = new Set(rows.source.map(({ key }) => identify(key)));
  const extras = rows.target.filter(({ key }) => !known.has(identify(key))).slice(0, surplus);
  for (const { key } of extras) tally.differ('extra', key);
  const unnamed = surplus - extras.length;
  if (unnamed > 0) tally.differ('extra', ['rows of keys that were not looked for'], [], unnamed);
  return tally.result();
}

/** Buckets with more rows on the target than on the source, or any where rows missing there make up for it. */
async function fullerBuckets(sides: BothSides, part: VerificationPart): Promise<number[]> {
  const { source, target } = await sides.ask((side, signal) => side.digestBuckets(part, signal));
  const rows = new Map(source.map((digest) => [digest.bucket, digest.rows]));
  const fuller = target.filter((digest) => digest.rows > (rows.get(digest.bucket) ?? 0));
  const chosen: number[] = [];
  let room = digestsPerRead(part.table);
  for (const digest of fuller.length > 0 ? fuller : target) {
    if (room <= 0) break;
    chosen.push(digest.bucket);
    room -= digest.rows;
  }
  return chosen;
}
