import type { KeyBound } from '../../domain/keys';
import type { PlannedTable } from '../../domain/plan';
import { keyParts, keysetPredicate, keysetSource, chunkIndex } from './keyset';
import type { Session } from './session';

/** Above this many possible keys for each row, equal spans of keys would hold unequal numbers of rows. */
const DENSE_KEYS_PER_ROW = 2n;

/**
 * Keys that cut the table into chunks of about `rowsPerChunk` rows, ascending. A dense integer key is cut by arithmetic,
 * without reading the table; any other by walking its index.
 */
export async function chunkBounds(
  session: Session,
  table: PlannedTable,
  rowsPerChunk: number,
  signal: AbortSignal,
): Promise<KeyBound[]> {
  if (table.chunkKey === null) return [];
  const rows = Math.max(1, Math.floor(rowsPerChunk));
  const split = await splitArithmetically(session, table, rows, signal);
  if (split !== null) return split;
  return canWalk(table) ? walk(session, table, rows, signal) : rank(session, table, rows, signal);
}

async function splitArithmetically(
  session: Session,
  table: PlannedTable,
  rowsPerChunk: number,
  signal: AbortSignal,
): Promise<KeyBound[] | null> {
  const [part, ...others] = keyParts(table);
  const column = table.source.columns.find(({ name }) => name === table.chunkKey?.[0]);
  if (part === undefined || others.length > 0 || column?.type.kind !== 'integer') return null;
  const [ends] = await session.query(
    `SELECT MIN(${part.token}), MAX(${part.token}) FROM ${keysetSource(table)}`,
    signal,
  );
  const [least, most] = ends ?? [];
  if (least === null || least === undefined || most === null || most === undefined) return [];
  const [min, max] = [BigInt(least), BigInt(most)];
  const estimate = BigInt(Math.max(1, Math.floor(table.source.estimatedRows)));
  const span = max - min + 1n;
  if (span > estimate * DENSE_KEYS_PER_ROW) return null;
  // No more keys a chunk than rows asked for, however low the estimate: it may be far off right after a load.
  const step = span > estimate ? (BigInt(rowsPerChunk) * span) / estimate : BigInt(rowsPerChunk);
  const bounds: KeyBound[] = [];
  for (let bound = min + step - 1n; bound < max; bound += step) bounds.push([String(bound)]);
  return bounds;
}

/** An index in one direction is read in order; any other would be sorted for each bound. */
function canWalk(table: PlannedTable): boolean {
  const index = chunkIndex(table);
  return index !== null && new Set(index.parts.map(({ descending }) => descending)).size === 1;
}

/** Steps along the index, each step skipping a chunk's rows from the bound before. */
async function walk(
  session: Session,
  table: PlannedTable,
  rowsPerChunk: number,
  signal: AbortSignal,
): Promise<KeyBound[]> {
  const parts = keyParts(table);
  const order = parts.map(({ sql }) => sql).join(', ');
  const bounds: KeyBound[] = [];
  for (;;) {
    const [row] = await session.query(
      `SELECT ${tokens(table)} FROM ${keysetSource(table)}
       WHERE ${keysetPredicate(table, { after: bounds.at(-1) ?? null, upTo: null })}
       ORDER BY ${order} LIMIT 1 OFFSET ${rowsPerChunk - 1}`,
      signal,
    );
    if (row === undefined) return bounds;
    bounds.push(row.map((token) => token ?? ''));
  }
}

/** Sorts the keys once. For the rare key whose index runs up in one column and down in another. */
async function rank(
  session: Session,
  table: PlannedTable,
  rowsPerChunk: number,
  signal: AbortSignal,
): Promise<KeyBound[]> {
  const parts = keyParts(table);
  const order = parts.map(({ sql }) => sql).join(', ');
  const names = parts.map((_, index) => `k${index}`).join(', ');
  const keys = parts.map(({ token }, index) => `${token} AS k${index}`).join(', ');
  const rows = await session.query(
    `SELECT ${names} FROM (SELECT ${keys}, ROW_NUMBER() OVER (ORDER BY ${order}) AS place FROM ${keysetSource(table)}) AS ranked
     WHERE place % ${rowsPerChunk} = 0 ORDER BY place`,
    signal,
  );
  return rows.map((row) => row.map((token) => token ?? ''));
}

function tokens(table: PlannedTable): string {
  return keyParts(table)
    .map(({ token }) => token)
    .join(', ');
}
