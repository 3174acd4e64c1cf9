import type { ClaimedChunk, InHand, RowWriter } from '../engines/engine';

/** Counts what a lane writes of its chunk, for whoever asks before the chunk is committed. */
export class ChunkInHand {
  #rows = 0;
  #firstRowAt: number | null = null;
  #chunk: { readonly of: ClaimedChunk; readonly writer: RowWriter } | null = null;

  begin(of: ClaimedChunk, writer: RowWriter): void {
    this.#rows = 0;
    this.#firstRowAt = null;
    this.#chunk = { of, writer };
  }

  /** Counts a row that was written. */
  count(): void {
    this.#rows++;
    this.#firstRowAt ??= performance.now();
  }

  /** By performance.now(); null before it. */
  get firstRowAt(): number | null {
    return this.#firstRowAt;
  }

  end(): void {
    this.#chunk = null;
  }

  /** Null between chunks. */
  now(): InHand | null {
    if (this.#chunk === null) return null;
    const { of, writer } = this.#chunk;
    return { table: of.table, ordinal: of.ordinal, rows: this.#rows, bytes: writer.bytes };
  }
}
