import { byteSize, count, counted, timeSpan } from './format';
import type { MigrationInput } from './input';
import type { TableSummary } from './result';

/** How fast a phase goes: whichever of the two limits is reached first. */
interface Rate {
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** What an estimate is computed from, and where these numbers come from. */
export interface Rates {
  /** In words, for the person who has to trust the estimate. */
  readonly origin: string;
  readonly copy: Rate;
  readonly buildTarget: Rate;
  readonly verify: Rate;
  /** What a table costs beside its rows, in milliseconds. */
  readonly tableMs: number;
  /** Making the source read-only, the commit point and the switch, in milliseconds. */
  readonly freezeMs: number;
  /** By what share an estimate may be off, where the rates were measured on the servers themselves. */
  readonly error?: number;
  /** Whether they were measured through one connection, where a migration has several. */
  readonly oneConnection?: boolean;
}

/**
 * Measured by the benchmarks `mixed` (2 million rows of 230 bytes: copy 33.5 s, keys and indexes 6.1 s, verification
 * 40.6 s) and `tables` (28 ms a table), see docs/benchmarks.md. The time of freeze and switch is an allowance.
 */
export const BENCHMARK_RATES: Rates = {
  origin: "this program's own benchmarks (docs/benchmarks.md, a machine of 2 cores)",
  copy: { rowsPerSecond: 240_000, bytesPerSecond: 55_000_000 },
  buildTarget: { rowsPerSecond: 1_200_000, bytesPerSecond: 270_000_000 },
  verify: { rowsPerSecond: 180_000, bytesPerSecond: 41_000_000 },
  tableMs: 21,
  freezeMs: 2_000,
};

/** How long the cutover will take, and on what that rests. */
export interface Estimate {
  /** From the approval until the target is live, in milliseconds. */
  readonly durationMs: number;
  /** The least and the most that durationMs may come to; null where nothing was measured to tell. */
  readonly between: readonly [least: number, most: number] | null;
  /** How long the source will refuse writes, in milliseconds; 0 where the freezing is left to the operator. */
  readonly freezeMs: number;
  readonly phases: readonly { readonly name: 'copy' | 'buildTarget' | 'verify'; readonly durationMs: number }[];
  /** What it was computed from, in words. */
  readonly basis: string;
}

export interface EstimateOptions {
  readonly verify: Pick<MigrationInput['verify'], 'mode' | 'samplePercent'>;
  /** The limit of the copy; 0 is none. */
  readonly rowsPerSecond: number;
  /** Connections that copy, build and compare side by side; 1 unless given. */
  readonly parallelism?: number;
  readonly freeze: MigrationInput['cutover']['freeze'];
}

/** Estimates the cutover of a bigBang, in which copy, keys and verification all run under the freeze. */
export function estimateCutover(
  tables: readonly Pick<TableSummary, 'rows' | 'bytes'>[],
  options: EstimateOptions,
  rates: Rates = BENCHMARK_RATES,
): Estimate {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  const at = (rate: Rate): number => 1_000 * Math.max(rows / rate.rowsPerSecond, bytes / rate.bytesPerSecond);
  const throttled = options.rowsPerSecond === 0 ? 0 : (1_000 * rows) / options.rowsPerSecond;
  const phases = [
    { name: 'copy', durationMs: Math.round(Math.max(at(rates.copy), throttled) + tables.length * rates.tableMs) },
    { name: 'buildTarget', durationMs: Math.round(at(rates.buildTarget)) },
    { name: 'verify', durationMs: Math.round(at(rates.verify) * comparedShare(options.verify)) },
  ] as const;
  const durationMs = rates.freezeMs + phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  return {
    durationMs,
    between: between(durationMs, rates, options.parallelism ?? 1),
    freezeMs: options.freeze === 'none' ? 0 : durationMs,
    phases,
    basis: basisOf({ tables: tables.length, rows, bytes }, options, rates),
  };
}

/** What was measured through one connection is at best as many times as fast as there will be connections. */
function between(durationMs: number, { error, oneConnection }: Rates, parallelism: number): Estimate['between'] {
  if (error === undefined) return null;
  const atBest = oneConnection === true ? parallelism : 1;
  return [Math.round(durationMs / (1 + error) / atBest), Math.round(durationMs * (1 + error))];
}

/** A duration in words, with the bounds it was estimated to lie between. */
export function aboutSpan({ durationMs, between: bounds }: Pick<Estimate, 'durationMs' | 'between'>): string {
  const about = `about ${timeSpan(durationMs)}`;
  return bounds === null ? about : `${about}, between ${timeSpan(bounds[0])} and ${timeSpan(bounds[1])}`;
}

function comparedShare({ mode, samplePercent }: EstimateOptions['verify']): number {
  if (mode === 'full') return 1;
  return mode === 'sample' ? samplePercent / 100 : 0;
}

function basisOf(
  size: { readonly tables: number; readonly rows: number; readonly bytes: number },
  { rowsPerSecond }: EstimateOptions,
  { origin, copy, verify, error }: Rates,
): string {
  const pace = ({ rowsPerSecond: rows, bytesPerSecond }: Rate): string =>
    `${count(rows)} rows/s or ${byteSize(bytesPerSecond)}/s`;
  const limit = rowsPerSecond === 0 ? '' : `, throttled to ${count(rowsPerSecond)} rows/s`;
  return (
    `${counted(size.rows, 'row')} and ${byteSize(size.bytes)} in ${counted(size.tables, 'table')}; copy at ${pace(copy)}, ` +
    `verification at ${pace(verify)}, whichever is slower${limit}. The rates come from ${origin}` +
    (error === undefined
      ? ': other servers and networks can be several times faster or slower, and only a rehearsal on your own tells'
      : `, and may be off by ${Math.round(error * 100)} %: by as much as its pieces differed, and a quarter for what no sample tells`)
  );
}
