import { assert } from '../domain/errors';
import type { TablePlan } from '../domain/plan';
import type { ClaimedChunk, CopyLane, RejectedRow, ReopenedChunk, RowSink, Source } from '../engines/engine';
import { faultPoint } from './faultPoint';
import { PaceLimiter } from './pace';
import { rowDigest } from './rejectedRow';
import { abortable, transcodeRows } from './transcodeRows';

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

async function retryChunk({ source, lane, plans, signal }: RetryTask, chunk: ReopenedChunk): Promise<void> {
  const plan = plans.find(({ table }) => table.source.name === chunk.table);
  assert(plan, 'a lane reopens chunks of the tables it was given');
  const { table } = plan;
  const cells = source.cellFormats(table);
  const writer = lane.writer(plan, cells);
  const rejected = { rows: [] as RejectedRow[], limit: Infinity };
  const writing = transcodeRows({ table, cells, writer, pace: new PaceLimiter(), signal, rejected });
  const tried = new Set<string>();
  const sink: RowSink = {
    row(bytes, offsets) {
      const digest = rowDigest(bytes, offsets);
      if (!chunk.rejected.has(digest)) return;
      tried.add(digest);
      writing.row(bytes, offsets);
    },
    pressure: () => writing.pressure(),
  };
  try {
    await writer.begin();
    await source.copyRows({ table, range: chunk.range, signal }, sink);
    const rows = await abortable(writer.end(), signal);
    faultPoint('copy.beforeCommit');
    const copied = new Set(tried);
    for (const { digest } of rejected.rows) copied.delete(digest);
    await lane.commitAgain(chunk, copied, rows, writer.bytes, rejected.rows);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
