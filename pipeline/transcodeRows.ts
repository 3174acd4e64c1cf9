import { MigrationError } from '../domain/errors';
import type { PlannedTable } from '../domain/plan';
import { RejectedValue, type CellFormat, type RowSink, type RowWriter } from '../engines/engine';
import { faultPoint } from './faultPoint';
import type { PaceLimiter } from './pace';

/** So much of a key cell is shown in an error. */
const KEY_CHARACTERS = 100;
/** The row of a chunk at which a fault test may end the process. */
const MIDWAY_ROW = 300;

export interface Transcoding {
  readonly table: PlannedTable;
  readonly cells: readonly CellFormat[];
  readonly writer: RowWriter;
  readonly pace: PaceLimiter;
  readonly signal: AbortSignal;
}

/** What stands between a source's rows and the writer: it keeps the pace, and gives a rejected value its row. */
export function transcodeRows({ table, cells, writer, pace, signal }: Transcoding): RowSink {
  let rows = 0;
  return {
    row(bytes, offsets) {
      rows++;
      try {
        writer.row(bytes, offsets);
      } catch (error) {
        throw error instanceof RejectedValue ? rejectedRow(error, table, cells, rows, bytes, offsets) : error;
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

function rejectedRow(
  rejected: RejectedValue,
  table: PlannedTable,
  cells: readonly CellFormat[],
  row: number,
  bytes: Buffer,
  offsets: Int32Array,
): MigrationError {
  const key = (table.chunkKey ?? table.primaryKey?.columns ?? []).map((name) => {
    const index = table.columns.findIndex(({ source }) => source.name === name);
    return `${name} = ${cellText(cells[index], bytes, offsets[index * 2] ?? -1, offsets[index * 2 + 1] ?? -1)}`;
  });
  const place = key.length > 0 ? `the row ${key.join(', ')}` : `row ${row} of the chunk (the table has no key)`;
  const column = rejected.column?.source.name ?? '?';
  return new MigrationError(
    'ROW_REJECTED',
    `table ${table.source.name}, column ${column}, ${place}: ${rejected.reason}`,
    {
      details: { table: table.source.name, column, key, reason: rejected.reason },
    },
  );
}

/** A cell for a person: text as it is, bytes in hexadecimal. */
function cellText(cell: CellFormat | undefined, bytes: Buffer, start: number, end: number): string {
  if (start < 0) return 'NULL';
  const isText =
    cell?.kind === 'text' ? /^(utf8|latin1|ascii)/.test(cell.charset) : !/^(bytes|bits)$/.test(cell?.kind ?? '');
  const encoding = cell?.kind === 'text' && cell.charset === 'latin1' ? 'latin1' : 'utf8';
  const shown = bytes.toString(isText ? encoding : 'hex', start, Math.min(end, start + KEY_CHARACTERS * 4));
  return shown.length > KEY_CHARACTERS ? `${shown.slice(0, KEY_CHARACTERS)}…` : shown;
}
