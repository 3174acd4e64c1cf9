import type { Rates } from './estimate';
import type { Finding } from './finding';

/** Rates that were measured, and by what share an estimate from them may be off. */
export type TrialRates = Rates & { readonly error: number };

/** Rows of a table that were copied for their own sake, in so many pieces. */
export interface OwnSample {
  readonly rows: number;
  /** As the target was sent them. */
  readonly bytes: number;
  readonly pieces: number;
  readonly ms: number;
}

/** What was tried of one table, and how long that took. */
export interface TrialTable {
  readonly name: string;
  /** Of the whole table, as the assessment counted and the source estimates them. */
  readonly sourceRows: number;
  readonly sourceBytes: number;
  /** Rows copied for their own sake. */
  readonly rows: number;
  /** Rows copied because others refer to them. */
  readonly pulledRows: number;
  readonly rejectedRows: number;
  readonly verifiedRows: number;
  readonly mismatches: number;
  readonly copyMs: number;
  readonly buildMs: number;
  readonly verifyMs: number;
  /** What of the copy was for the rows' own sake; absent where a throttle was measured instead. */
  readonly own?: OwnSample;
}

/** What came of a trial, as far as a workflow and a report tell it. */
export interface TrialResult {
  readonly percent: number;
  readonly tables: readonly TrialTable[];
  /** Tables of which nothing was tried, because there are very many. */
  readonly untriedTables: number;
  readonly findings: readonly Finding[];
  /** Null where the sample was too small to measure anything; `whyNoRates` then says so. */
  readonly rates: TrialRates | null;
  readonly whyNoRates: string | null;
  /** What a piece took beside its rows, in milliseconds; absent where a throttle was measured instead. */
  readonly pieceMs?: number;
}

/** The size of a table, of which a part is taken. */
export interface Sized {
  readonly rows: number;
  readonly bytes: number;
}

/** How a table is sampled. */
export type Sampling =
  | { readonly kind: 'whole' }
  /** So many pieces of so many rows each, spread over the table by its key. */
  | { readonly kind: 'pieces'; readonly rowsPerPiece: number; readonly pieces: number }
  /** So many rows from where the table begins: without a key there is no other way but to read all of it. */
  | { readonly kind: 'first'; readonly rows: number };

/** Up to this size taking a table whole costs less than choosing from it. */
const SMALL_ROWS = 1_000;
const SMALL_BYTES = 4 * 1024 * 1024;
/** Pieces enough to see how much they differ, and few enough that each is mostly rows. */
const PIECES = 8;
const LEAST_PIECE_ROWS = 2_000;
const LEAST_PIECE_BYTES = 4 * 1024 * 1024;
/** So many key bounds of a table are held at once, at most. */
const MOST_BOUNDS = 10_000;
/** A table without a key is compared from a temporary copy that the source makes of these rows. */
const MOST_FIRST_ROWS = 100_000;

/** How to take about `percent` of a table's rows, none but the smallest tables whole. */
export function samplingOf({ rows, bytes }: Sized, percent: number, hasKey: boolean, chunkBytes: number): Sampling {
  const all = percent >= 100;
  if ((rows <= SMALL_ROWS && bytes <= SMALL_BYTES) || (all && !hasKey)) return { kind: 'whole' };
  const wanted = Math.ceil((rows * percent) / 100);
  if (!hasKey) return { kind: 'first', rows: Math.max(1, Math.min(wanted, MOST_FIRST_ROWS)) };
  const rowBytes = Math.max(1, bytes / Math.max(1, rows));
  const chunkRows = Math.max(1, Math.floor(chunkBytes / rowBytes));
  const least = Math.min(LEAST_PIECE_ROWS, Math.ceil(LEAST_PIECE_BYTES / rowBytes));
  const even = all ? chunkRows : Math.ceil(wanted / PIECES);
  const rowsPerPiece = Math.max(Math.min(Math.max(even, least), chunkRows), Math.ceil(rows / MOST_BOUNDS));
  return { kind: 'pieces', rowsPerPiece, pieces: all ? Infinity : Math.max(1, Math.ceil(wanted / rowsPerPiece)) };
}

/** So many of the items, evenly spread over them and in their order; all of them where there are no more. */
export function spread<T>(items: readonly T[], many: number): T[] {
  if (many >= items.length) return [...items];
  return Array.from({ length: many }, (_, index) => items[Math.floor(((index + 0.5) * items.length) / many)]).filter(
    (item) => item !== undefined,
  );
}

/** Each table of a trial costs some hundredths of a second, whatever is in it. */
export const MOST_TABLES = 200;

/** What choosing tables needs to know of one. */
export interface Choosable {
  readonly name: string;
  readonly bytes: number;
  /** The tables that its foreign keys refer to. */
  readonly refersTo: readonly string[];
}

/**
 * The tables to try: all of them, or where there are very many the largest and some of the others. Those that they refer
 * to, directly or not, come along.
 */
export function chooseTables(tables: readonly Choosable[]): Set<string> {
  const bySize = [...tables].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  const largest = bySize.slice(0, MOST_TABLES / 2);
  const others = spread(bySize.slice(MOST_TABLES / 2), MOST_TABLES / 2);
  const byName = new Map(tables.map((table) => [table.name, table]));
  const chosen = new Set<string>();
  const waiting = [...largest, ...others].map(({ name }) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (chosen.has(name)) continue;
    chosen.add(name);
    waiting.push(...(byName.get(name)?.refersTo ?? []));
  }
  return chosen;
}
