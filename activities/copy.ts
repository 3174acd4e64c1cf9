import type { ChunkWork, CopyAnswer, CopyWork, Pace, RunReference, WatchedLoad } from '../domain/activityMessages';
import { rangesBetween } from '../domain/keys';
import type { TablePlan } from '../domain/plan';
import type { ControlStore, CopyProgress, Source } from '../engines/engine';
import { ChunkInHand } from '../pipeline/chunkInHand';
import { copyChunk } from '../pipeline/copyChunk';
import { PaceLimiter } from '../pipeline/pace';
import { activity, type Activity } from './activity';
import { runWork, withBoth, withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { untilCalm, watchLoad } from './loadWatch';
import { keepPace } from './paceKeeper';

/** The copy: chunks are cut once, claimed by lanes, and committed together with their progress. */
export function copyActivities(environment: WorkerEnvironment) {
  return {
    planChunks: activity(async (self, work: ChunkWork): Promise<number> =>
      withBoth(environment, work.run, async (source, { control }) => {
        const plans = await control.loadPlan(work.run.runId, work.tables);
        for (const plan of plans) {
          self.show({ table: plan.table.source.name });
          await cutIntoChunks(self, work, source, control, plan);
        }
        return pendingChunks(control, work.run, work.tables);
      }),
    ),
    copyChunks: activity(async (self, work: CopyWork): Promise<CopyAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        await using lane = await target.openLane(runWork(work, work.lane));
        const plans = await target.control.loadPlan(work.run.runId, work.tables);
        const pace = new PaceLimiter();
        const inHand = new ChunkInHand();
        await using keeper = await keepPace(environment, work.run, pace, { process: lane.process, inHand });
        await using load = await watchLoad(environment, work.run, work.watched);
        let [rows, bytes] = [0, 0];
        const onWait = (waitsFor: string): void => {
          self.show({ waitsFor, rows, bytes });
        };
        for (;;) {
          // A pause may have come while the copy was held back.
          do await keeper.resumed(self.signal);
          while (await untilCalm(load, self.signal, onWait));
          // Reading a source that is writable again would only be thrown away at the commit point.
          if (work.freeze !== null) await source.checkFrozen(work.freeze);
          const chunk = await copyChunk({
            source,
            lane,
            plans,
            pace,
            rejectedLimit: work.rejectedLimit,
            signal: self.signal,
            isWritten: work.isWritten,
            inHand,
          });
          if (chunk === null) break;
          self.count('rows_copied', chunk.rows);
          self.count('bytes_copied', chunk.bytes);
          self.count('rows_rejected', chunk.rejected);
          rows += chunk.rows;
          bytes += chunk.bytes;
          self.show({ table: chunk.table, chunk: chunk.ordinal, rows, bytes });
        }
        return { rows, bytes, pending: await pendingChunks(target.control, work.run, work.tables) };
      }),
    ),
    copyProgress: activity(async (_self, run: RunReference): Promise<CopyProgress[]> =>
      withTarget(environment, run, ({ control }) => control.copyProgress(run.runId)),
    ),
    heldBack: activity(async (_self, run: RunReference, watched: WatchedLoad): Promise<string | null> => {
      await using load = await watchLoad(environment, run, watched);
      return load.heldBack;
    }),
    setPace: activity(async (_self, run: RunReference, pace: Pace): Promise<void> =>
      withTarget(environment, run, ({ control }) => control.setPace(run.runId, pace)),
    ),
  };
}

async function cutIntoChunks(
  self: Activity,
  { run, chunkBytes }: ChunkWork,
  source: Source,
  control: ControlStore,
  { table }: TablePlan,
): Promise<void> {
  if (await control.hasChunks(run.runId, table.source.name)) return;
  const facts = (await control.loadFacts(run.runId)).get(table.source.name);
  const rows = facts?.rows ?? table.source.estimatedRows;
  const rowBytes = Math.max(1, table.source.bytes / Math.max(1, rows));
  const rowsPerChunk = Math.max(1, Math.floor(chunkBytes / rowBytes));
  const oneChunk = table.chunkKey === null || rows <= rowsPerChunk;
  const bounds = oneChunk ? [] : await source.chunkBounds(table, rowsPerChunk, self.signal);
  await control.saveChunks(run.runId, table.source.name, rangesBetween(bounds));
}

async function pendingChunks(control: ControlStore, run: RunReference, tables: readonly string[]): Promise<number> {
  const progress = await control.copyProgress(run.runId);
  return progress
    .filter(({ table }) => tables.includes(table))
    .reduce((pending, { chunks, chunksDone }) => pending + chunks - chunksDone, 0);
}
