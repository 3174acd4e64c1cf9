import type { PlannedTable } from '../domain/plan';
import { RejectedValue, type CellFormat, type RejectedRow, type RowSink, type RowWriter } from '../engines/engine';
import { faultPoint } from './faultPoint';
import type { PaceLimiter } from './pace';
import { keptRow, rejectionError } from './rejectedRow';

/** The row of a chunk at which a fault test may end the process. */
const MIDWAY_ROW = 300;

export interface Transcoding {
  readonly table: PlannedTable;
  readonly cells: readonly CellFormat[];
  readonly writer: RowWriter;
  readonly pace: PaceLimiter;
  readonly signal: AbortSignal;
  /** Counts the rows that are written. */
  readonly inHand?: { count(): void };
  /** Takes rows that the target cannot hold, at most `limit` of them. */
  readonly rejected?: { readonly rows: RejectedRow[]; readonly limit: number };
}

/** What stands between a source's rows and the writer: it keeps the pace, and sets rejected rows aside. */
export function transcodeRows({ table, cells, writer, pace, signal, inHand, rejected }: Transcoding): RowSink {
  let rows = 0;
  return {
    row(bytes, offsets) {
      rows++;
      try {
        writer.row(bytes, offsets);
        inHand?.count();
      } catch (error) {
        if (!(error instanceof RejectedValue)) throw error;
        const row = { cells, bytes, offsets, place: rows };
        if (rejected === undefined || rejected.rows.length >= rejected.limit) throw rejectionError(error, table, row);
        rejected.rows.push(keptRow(error, table, row));
      }
      pace.count();
      if (rows === MIDWAY_ROW) faultPoint('copy.midway', table.source.name);
    },
    pressure() {
      const waits = [writer.pressure(), pace.pressure()].filter((wait) => wait !== null);
      if (waits.length === 0) return null;
      return abortable(
        Promise.all(waits).then(() => undefined),
        signal,
      );
    },
  };
}

/** Resolves with the work, or rejects when the signal aborts: a server that takes nothing any more must not hold us. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
