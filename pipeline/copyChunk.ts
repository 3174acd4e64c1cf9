import { MigrationError, assert } from '../domain/errors';
import type { TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import type { CopyLane, ReadRequest, RowSink, Source } from '../engines/engine';
import { faultPoint } from './faultPoint';
import { ChunkInHand } from './chunkInHand';
import type { PaceLimiter } from './pace';
import { abortable, transcodeRows } from './transcodeRows';

export interface CopyTask {
  readonly source: Source;
  readonly lane: CopyLane;
  /** What may be copied, in the order it should be begun. */
  readonly plans: readonly TablePlan[];
  readonly pace: PaceLimiter;
  /** How many rows of the whole run the target may be unable to hold. */
  readonly rejectedLimit: number;
  readonly signal: AbortSignal;
  /** Whether the application writes meanwhile, and a stream follows: then a table without a key is read at one position. */
  readonly isWritten?: boolean;
  /** Follows the chunk while it is copied. */
  readonly inHand?: ChunkInHand;
}

export interface CopiedChunk {
  readonly table: string;
  readonly ordinal: number;
  readonly rows: number;
  readonly bytes: number;
  /** Rows kept aside instead of copied. */
  readonly rejected: number;
  /** How long it took from the claim to the first row, and from the last one to the commit, in milliseconds. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Copies one chunk: claims it, reads its rows into the writer, and commits rows and progress together; null when none
 * is left to claim. After an error nothing of the chunk is on the target, and the lane can claim again unless its
 * connection is lost. Errors: ROW_REJECTED, EPOCH_STALE, and those of both servers.
 */
export async function copyChunk({
  source,
  lane,
  plans,
  pace,
  rejectedLimit,
  signal,
  isWritten = false,
  inHand = new ChunkInHand(),
}: CopyTask): Promise<CopiedChunk | null> {
  signal.throwIfAborted();
  const began = performance.now();
  faultPoint('copy.beforeClaim');
  const chunk = await lane.claim(plans.map(({ table }) => table.source.name));
  if (chunk === null) return null;
  faultPoint('copy.afterClaim');

  const plan = plans.find(({ table }) => table.source.name === chunk.table);
  assert(plan, 'a lane claims chunks of the tables it was given');
  const { table } = plan;
  const cells = source.cellFormats(table);
  const writer = lane.writer(plan, cells);
  const rejected = { rows: [], limit: rejectedLimit };
  try {
    await writer.begin();
    inHand.begin(chunk, writer);
    const sink = transcodeRows({ table, cells, writer, pace, signal, inHand, rejected });
    const request = { table, range: chunk.range, signal };
    const isPlaced = isWritten && table.chunkKey === null;
    const { rows: read, position } = isPlaced
      ? await copyPlaced(source, request, sink)
      : { rows: await source.copyRows(request, sink), position: null };
    const readAt = performance.now();
    const rows = await abortable(writer.end(), signal);
    if (read !== rows + rejected.rows.length) {
      const told = `table ${chunk.table}, chunk ${chunk.ordinal}: ${read} rows were read, ${rows} written and ${rejected.rows.length} rejected`;
      throw new MigrationError('INTERNAL', `broken promise: ${told}; nothing of the chunk is committed`);
    }
    faultPoint('copy.beforeCommit');
    await lane.commit(chunk, rows, writer.bytes, rejected, position);
    faultPoint('copy.afterCommit');
    return {
      table: chunk.table,
      ordinal: chunk.ordinal,
      rows,
      bytes: writer.bytes,
      rejected: rejected.rows.length,
      beforeMs: (inHand.firstRowAt ?? readAt) - began,
      afterMs: performance.now() - readAt,
    };
  } catch (error) {
    await writer.abort();
    // Where even this fails the connection is gone, and the server rolls back by itself.
    await lane.rollback().catch(() => undefined);
    throw error;
  } finally {
    inHand.end();
  }
}

async function copyPlaced(
  source: Source,
  request: ReadRequest,
  sink: RowSink,
): Promise<{ rows: number; position: Position }> {
  const copied = source.copyAtPosition?.(request, sink);
  assert(copied, 'a source whose changes are followed says where its log stands as it is read');
  return copied;
}
