import type { ClaimedChunk, InHand, RowWriter } from '../engines/engine';

/** Counts what a lane writes of its chunk, for whoever asks before the chunk is committed. */
export class ChunkInHand {
  /** Rows of the chunk that were written. */
  rows = 0;
  #chunk: { readonly of: ClaimedChunk; readonly writer: RowWriter } | null = null;

  begin(of: ClaimedChunk, writer: RowWriter): void {
    this.rows = 0;
    this.#chunk = { of, writer };
  }

  end(): void {
    this.#chunk = null;
  }

  /** Null between chunks. */
  now(): InHand | null {
    if (this.#chunk === null) return null;
    const { of, writer } = this.#chunk;
    return { table: of.table, ordinal: of.ordinal, rows: this.rows, bytes: writer.bytes };
  }
}
