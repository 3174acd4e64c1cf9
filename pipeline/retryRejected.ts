import { assert } from '../domain/errors';
import type { TablePlan } from '../domain/plan';
import {
  RejectedValue,
  type ClaimedChunk,
  type CopyLane,
  type RejectedRow,
  type RowSink,
  type Source,
} from '../engines/engine';
import { faultPoint } from './faultPoint';
import { keptRow, rowDigest } from './rejectedRow';
import { abortable } from './transcodeRows';

export interface RetryTask {
  readonly source: Source;
  readonly lane: CopyLane;
  /** Of the tables with rejected rows, as they are to be copied now. */
  readonly plans: readonly TablePlan[];
  readonly signal: AbortSignal;
}

/**
 * Copies rejected rows after all, chunk by chunk: each is read again, and of its rows those that were rejected are
 * written as the plan says now. What is rejected again stays so. Errors: those of both servers, with nothing of the
 * chunk committed.
 */
export async function retryRejected(task: RetryTask): Promise<void> {
  const tables = task.plans.map(({ table }) => table.source.name);
  for (let after: ClaimedChunk | null = null; ;) {
    const chunk = await task.lane.reopen(tables, after);
    if (chunk === null) return;
    try {
      await retryChunk(task, chunk);
    } catch (error) {
      await task.lane.rollback().catch(() => undefined);
      throw error;
    }
    after = chunk;
  }
}

type Reopened = NonNullable<Awaited<ReturnType<CopyLane['reopen']>>>;

async function retryChunk({ source, lane, plans, signal }: RetryTask, chunk: Reopened): Promise<void> {
  const plan = plans.find(({ table }) => table.source.name === chunk.table);
  assert(plan, 'a lane reopens chunks of the tables it was given');
  const { table } = plan;
  const cells = source.cellFormats(table);
  const writer = lane.writer(plan, cells);
  const copied = new Set<string>();
  const rejected: RejectedRow[] = [];
  let place = 0;
  const sink: RowSink = {
    row(bytes, offsets) {
      place++;
      const digest = rowDigest(bytes, offsets);
      if (!chunk.rejected.has(digest)) return;
      try {
        writer.row(bytes, offsets);
        copied.add(digest);
      } catch (error) {
        if (!(error instanceof RejectedValue)) throw error;
        rejected.push(keptRow(error, table, { cells, bytes, offsets, place }));
      }
    },
    pressure: () => writer.pressure(),
  };
  try {
    await writer.begin();
    await source.copyRows({ table, range: chunk.range, signal }, sink);
    const rows = await abortable(writer.end(), signal);
    faultPoint('copy.beforeCommit');
    await lane.commitAgain(chunk, copied, rows, writer.bytes, rejected);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
