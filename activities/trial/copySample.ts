import type { KeyRange } from '../../domain/keys';
import { rangesBetween } from '../../domain/keys';
import type { PlannedForeignKey, PlannedTable, TablePlan } from '../../domain/plan';
import { samplingOf, spread } from '../../domain/trial';
import type { Piece } from '../../domain/trialRates';
import type { Source, Target } from '../../engines/engine';
import { copyChunk } from '../../pipeline/copyChunk';
import type { PaceLimiter } from '../../pipeline/pace';
import { pullReferences } from '../../pipeline/pullReferences';
import type { PaceKeeper } from '../paceKeeper';

export interface SampleTask {
  readonly source: Source;
  readonly target: Target;
  /** Of the trial. */
  readonly runId: string;
  readonly epoch: number;
  readonly plans: readonly TablePlan[];
  /** Rows of each table, by its source name. */
  readonly rowsOf: (table: PlannedTable) => number;
  readonly percent: number;
  readonly chunkBytes: number;
  readonly rejectedLimit: number;
  readonly pace: PaceLimiter;
  readonly keeper: PaceKeeper;
  readonly signal: AbortSignal;
  readonly show: (details: object) => void;
}

/** What was copied of a table, and how long it took. */
export interface CopiedSample {
  rows: number;
  /** Of these rows, as the target was sent them. */
  bytes: number;
  pulledRows: number;
  ms: number;
  /** Of all own pieces, before their first rows. */
  beforeMs: number;
  /** Of the one that was soonest committed after its last row. */
  afterMs: number;
  readonly pieces: Piece[];
}

/** Copies the sample of every table and the rows it refers to. Answers the foreign keys that were given up. */
export async function copySample(
  task: SampleTask,
): Promise<{ copied: ReadonlyMap<string, CopiedSample>; givenUp: PlannedForeignKey[] }> {
  const { plans, target, runId, epoch, signal } = task;
  const { control } = target;
  const copied = new Map(
    plans.map(({ table }): [string, CopiedSample] => [
      table.source.name,
      { rows: 0, bytes: 0, pulledRows: 0, ms: 0, beforeMs: 0, afterMs: Infinity, pieces: [] },
    ]),
  );
  for (const { table } of plans) await control.addChunks(runId, table.source.name, await rangesOf(task, table));
  await using lane = await target.openLane({ runId, epoch, lane: 'copy/trial' });
  const copyWaiting = async (of: readonly TablePlan[], pulled: boolean): Promise<number> => {
    let rows = 0;
    for (;;) {
      await task.keeper.resumed(signal);
      const started = performance.now();
      const chunk = await copyChunk({ ...task, lane, plans: of });
      if (chunk === null) return rows;
      const ms = performance.now() - started;
      const sample = copied.get(chunk.table);
      rows += chunk.rows;
      if (sample === undefined) continue;
      sample.ms += ms;
      if (pulled) sample.pulledRows += chunk.rows;
      else {
        sample.rows += chunk.rows;
        sample.bytes += chunk.bytes;
        sample.beforeMs += chunk.beforeMs;
        sample.afterMs = Math.min(sample.afterMs, chunk.afterMs);
        sample.pieces.push({ rows: chunk.rows, ms });
      }
      task.show({ copied: chunk.table, rows });
    }
  };
  const sampledRows = await copyWaiting(plans, false);
  const givenUp = await pullReferences({
    target,
    tables: plans.map(({ table }) => table),
    sampledRows,
    signal,
    copy: async (table, among) => {
      await control.addChunks(
        runId,
        table.source.name,
        among.map((values) => ({ after: null, upTo: null, among: values })),
      );
      return copyWaiting(
        plans.filter((plan) => plan.table === table),
        true,
      );
    },
  });
  return { copied, givenUp };
}

async function rangesOf(task: SampleTask, table: PlannedTable): Promise<KeyRange[]> {
  const size = { rows: task.rowsOf(table), bytes: table.source.bytes };
  const sampling = samplingOf(size, task.percent, table.chunkKey !== null, task.chunkBytes);
  switch (sampling.kind) {
    case 'whole':
      return [{ after: null, upTo: null }];
    case 'first':
      return [{ after: null, upTo: null, first: sampling.rows }];
    case 'pieces': {
      const bounds = await task.source.chunkBounds(table, sampling.rowsPerPiece, task.signal);
      return spread(rangesBetween(bounds), sampling.pieces);
    }
  }
}
