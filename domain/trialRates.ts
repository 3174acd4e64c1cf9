import { BENCHMARK_RATES, type Rates } from './estimate';
import { counted, timeSpan } from './format';
import type { TrialRates, TrialResult, TrialTable } from './trial';

/**
 * The rates an estimate rests on, with a trial or without: those of the benchmarks where none were measured, with the
 * reason.
 */
export function trialledRates(trial: TrialResult | null): Rates {
  if (trial === null) return BENCHMARK_RATES;
  const { rates, whyNoRates } = trial;
  return (
    rates ?? { ...BENCHMARK_RATES, origin: `${BENCHMARK_RATES.origin}, because ${whyNoRates ?? 'none were measured'}` }
  );
}

/** How long one piece of a table took to copy. */
export interface Piece {
  readonly rows: number;
  readonly ms: number;
}

/** A table as it was tried, with the pieces its own rows were copied in. */
export interface MeasuredTable extends TrialTable {
  readonly pieces: readonly Piece[];
}

/** Fewer rows than this take no longer than the statements that move them. */
export const LEAST_ROWS = 5_000;
/** What no sample tells: how a cache, a disk or a neighbour will do in the hours of the whole. */
const UNKNOWN = 0.25;
/** How far off a table may be of which one piece is all that was measured. */
const SINGLE_PIECE = 0.5;
/** Two standard errors hold the mean in 19 of 20 cases. */
const STANDARD_ERRORS = 2;

/**
 * The rates of the whole, extrapolated table by table from what was tried; null where it was too little. The copy's are
 * left as the benchmarks have them where a throttle was measured instead.
 */
export function ratesOf(tables: readonly MeasuredTable[], throttled: boolean): TrialRates | null {
  const rows = sum(tables.map((table) => table.rows + table.pulledRows));
  if (rows < LEAST_ROWS) return null;
  const whole = { rows: sum(tables.map((t) => t.sourceRows)), bytes: sum(tables.map((t) => t.sourceBytes)) };
  const rate = (ms: number): Rates['copy'] => ({
    rowsPerSecond: (1_000 * Math.max(1, whole.rows)) / Math.max(1, ms),
    bytesPerSecond: (1_000 * Math.max(1, whole.bytes)) / Math.max(1, ms),
  });
  const copyMs = sum(tables.map(wholeCopyMs));
  const buildMs = sum(tables.map((table) => table.buildMs * factorOf(table) * sortingFactor(table)));
  const verifyMs = sum(tables.map((table) => table.verifyMs * factorOf(table)));
  const spent = sum(tables.map((table) => table.copyMs + table.buildMs + table.verifyMs));
  return {
    origin:
      `the trial (${counted(rows, 'row')} in ${timeSpan(spent)}, through one connection` +
      `${throttled ? '; the copy was throttled, so its own rate is of the benchmarks' : ''})`,
    copy: throttled ? BENCHMARK_RATES.copy : rate(copyMs),
    buildTarget: rate(buildMs),
    verify: rate(verifyMs),
    // What a table costs beside its rows was measured along with them.
    tableMs: 0,
    freezeMs: BENCHMARK_RATES.freezeMs,
    oneConnection: true,
    error: UNKNOWN + STANDARD_ERRORS * standardError(tables, copyMs),
  };
}

/** By its own rows where there are any: those pulled in for references came key by key, which is slower. */
function wholeCopyMs(table: MeasuredTable): number {
  const rows = sum(table.pieces.map((piece) => piece.rows));
  if (rows === 0) return table.copyMs * factorOf(table);
  return sum(table.pieces.map((piece) => piece.ms)) * Math.max(1, table.sourceRows / rows);
}

/** How many times what was tried of it the table is. */
function factorOf({ sourceRows, rows, pulledRows }: TrialTable): number {
  return Math.max(1, sourceRows / Math.max(1, rows + pulledRows));
}

/** Building an index sorts, which takes more than so many times as long for so many times the rows. */
function sortingFactor({ sourceRows, rows, pulledRows }: TrialTable): number {
  return Math.log2(Math.max(4, sourceRows)) / Math.log2(Math.max(4, Math.min(sourceRows, rows + pulledRows)));
}

/** The relative standard error of the extrapolated copy: each table's, by the share it has in the time. */
function standardError(tables: readonly MeasuredTable[], copyMs: number): number {
  const squares = tables.map((table) => {
    const share = wholeCopyMs(table) / Math.max(1, copyMs);
    return (share * tableError(table)) ** 2;
  });
  return Math.sqrt(sum(squares));
}

/** Of a ratio that is estimated from some pieces out of many; none where every row was tried. */
function tableError({ pieces, sourceRows }: MeasuredTable): number {
  const rows = sum(pieces.map((piece) => piece.rows));
  const untried = Math.max(0, 1 - rows / Math.max(1, sourceRows));
  if (untried === 0 || rows === 0) return 0;
  if (pieces.length < 2) return SINGLE_PIECE * Math.sqrt(untried);
  const ms = sum(pieces.map((piece) => piece.ms));
  const variance = sum(pieces.map((piece) => (piece.ms - (ms / rows) * piece.rows) ** 2)) / (pieces.length - 1);
  return (Math.sqrt(variance * pieces.length) / Math.max(1, ms)) * Math.sqrt(untried);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
