import type { TableSummary } from '../result';
import { groupTables } from '../tableGroups';
import type { OwnSample, TrialResult } from '../trial';
import { BENCHMARK_COSTS, fitCosts, timeOf, type Costs, type Done, type Prior } from './costs';

/** A table that is to be copied, as far as its time is concerned. */
export interface CopyTable {
  readonly name: string;
  readonly rows: number;
  /** What the target is sent of a row, as tried; what one takes on the source where nothing was tried. */
  readonly rowBytes: number;
  /** How many times as long its rows take as their number and bytes tell; 1 where nothing was tried. */
  readonly weight: number;
  /** As its size tells, until it is cut. */
  readonly chunks: number;
}

/** Tables that one child workflow copies. */
export interface CopyGroup {
  readonly label: string;
  /** Whether all lanes are on it; else one is, and the others are on other groups. */
  readonly alone: boolean;
  readonly tables: readonly CopyTable[];
}

/** All that a copy will do, and what that costs as far as it is known before it begins. */
export interface CopyScope {
  /** In their order: those that stand alone first. */
  readonly groups: readonly CopyGroup[];
  /** How many tables are in them. */
  readonly tables: number;
  readonly parallelism: number;
  readonly prior: Prior;
}

/** How exactly a trial tells what it took to copy from a table, in milliseconds. */
const TRIAL_UNSHARP_MS = 50;

/** How far the costs of the copy may lie from those of a trial on the same servers, as a share. */
const TRIED_SPREAD = 0.4;

export function scopeOf(
  tables: readonly Pick<TableSummary, 'name' | 'rows' | 'bytes'>[],
  { chunkBytes, parallelism }: { readonly chunkBytes: number; readonly parallelism: number },
  trial: Pick<TrialResult, 'tables' | 'pieceMs'> | null,
): CopyScope {
  const chunks = trial?.pieceMs ?? BENCHMARK_COSTS.costs.chunks;
  const tried = new Map(
    (trial?.tables ?? []).flatMap(({ name, own }) => (own ? [[name, withoutPieces(own, chunks)]] : [])),
  );
  const prior = priorOf([...tried.values()], chunks);
  const byName = new Map(
    tables.map(({ name, rows, bytes }): [string, CopyTable] => {
      const own = tried.get(name);
      const size = own?.work ?? { bytes, rows };
      return [
        name,
        {
          name,
          rows,
          rowBytes: size.bytes / Math.max(1, size.rows),
          weight: own === undefined ? 1 : weightOf(own, prior.costs),
          chunks: Math.max(1, Math.ceil(bytes / chunkBytes)),
        },
      ];
    }),
  );
  const groups = groupTables(tables, chunkBytes, parallelism).map(({ label, lanes, tables: names }) => ({
    label,
    alone: lanes > 1,
    tables: names.flatMap((name) => byName.get(name) ?? []),
  }));
  return { groups, tables: tables.length, parallelism, prior };
}

/** Of what a sample took, so much at least is its rows' and not its statements'. */
const LEAST_MOVED = 0.1;

/** A sample as if its pieces had taken nothing but for their rows. */
function withoutPieces({ rows, bytes, pieces, ms }: OwnSample, pieceMs: number): Done {
  return { ms: Math.max(ms - pieces * pieceMs, LEAST_MOVED * ms), work: { rows, bytes, chunks: 0, groups: 0 } };
}

function priorOf(tried: readonly Done[], chunks: number): Prior {
  if (tried.length === 0) return BENCHMARK_COSTS;
  return { costs: { ...fitCosts(tried, BENCHMARK_COSTS, TRIAL_UNSHARP_MS), chunks }, spread: TRIED_SPREAD };
}

/** A sample of less than this tells little of its table. */
const TELLING_MS = 200;

function weightOf({ ms, work }: Done, costs: Costs): number {
  const expected = timeOf(work, costs);
  return expected === 0 ? 1 : (ms / expected) ** (ms / (ms + TELLING_MS));
}
