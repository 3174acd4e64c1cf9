import { assert, type MigrationError } from '../../domain/errors';
import type { PlannedTable, TablePlan } from '../../domain/plan';
import { RejectedValue, type CellFormat, type RowWriter } from '../engine';
import type { PostgresSession } from './connection';
import { CopyBuffer, RowBytes, writeNull } from './copyBuffer';
import { CopyStream, MESSAGE_HEADER, writeMessageHeader } from './copyStream';
import { compileEncoder } from './encode';
import type { CellEncoder, EncodeCell } from './encode/encoder';
import { copyError } from './errors';
import { quoteName, quoteQualified } from './quote';

/** Small rows are gathered into messages of this size. */
const BUFFER_BYTES = 1 << 18;
/** A cell that may take more is sent from its own memory. */
const LARGE_BYTES = 1 << 16;
/** How long the server may take to give up a COPY before its connection is given up instead. */
const CANCEL_TIMEOUT_MS = 5_000;

/** `PGCOPY\n\xff\r\n\0`, flags, length of the header's extension (PostgreSQL manual, COPY, file header). */
const SIGNATURE = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const TRAILER = -1;

/** Buffers that are used again once the socket has taken them; those of one lane serve all its writers. */
export class BufferPool {
  readonly #free: CopyBuffer[] = [];

  take(): CopyBuffer {
    const buffer = this.#free.pop() ?? new CopyBuffer(BUFFER_BYTES);
    buffer.at = MESSAGE_HEADER;
    return buffer;
  }

  give(buffer: CopyBuffer): void {
    this.#free.push(buffer);
  }
}

/** Writes rows of one table with COPY … FROM STDIN (FORMAT binary). */
export class CopyWriter implements RowWriter {
  readonly #table: PlannedTable;
  readonly #sql: string;
  readonly #encoders: readonly CellEncoder[];
  readonly #encode: readonly EncodeCell[];
  readonly #perByte: Int32Array;
  readonly #fixed: number;
  readonly #row = new RowBytes();
  #copy: CopyStream | null = null;
  #out: CopyBuffer | null = null;
  #sent = 0;

  /** `onEnd` hears how many rows the server took of each COPY that ended. */
  constructor(
    private readonly session: PostgresSession,
    private readonly pool: BufferPool,
    plan: TablePlan,
    cells: readonly CellFormat[],
    private readonly onEnd: (rows: number) => void,
  ) {
    const { table, ddl } = plan;
    this.#table = table;
    this.#encoders = table.columns.map((column, index) => {
      const [cell, nativeType] = [cells[index], ddl.nativeTypes[index]];
      assert(cell && nativeType, 'a table has a cell format and a native type for each of its columns');
      return compileEncoder(cell, column, nativeType, `${table.source.name}.${column.source.name}`);
    });
    this.#encode = this.#encoders.map(({ encode }) => encode);
    this.#perByte = Int32Array.from(this.#encoders, ({ perByte }) => perByte);
    this.#fixed = this.#encoders.reduce((sum, { fixed }) => sum + fixed, 2);
    const columns = table.columns.map(({ targetName }) => quoteName(targetName)).join(', ');
    this.#sql = `copy ${quoteQualified(table.targetSchema, table.targetName)} (${columns}) from stdin (format binary)`;
  }

  get bytes(): number {
    return this.#sent + (this.#out ? this.#out.at - MESSAGE_HEADER : 0);
  }

  async begin(): Promise<void> {
    assert(!this.#copy, 'a writer ends one stream before it begins the next');
    this.#sent = 0;
    try {
      this.#copy = await this.session.awaitServer(CopyStream.start(this.session.client, this.#sql));
    } catch (error) {
      throw this.#describe(error);
    }
    this.#out = this.pool.take();
    this.#out.bytes.set(SIGNATURE, this.#out.at);
    this.#out.at += SIGNATURE.length;
  }

  row(bytes: Buffer, cells: Int32Array): void {
    const encode = this.#encode;
    const perByte = this.#perByte;
    const columns = encode.length;
    let needed = this.#fixed;
    for (let column = 0; column < columns; column++) {
      needed += ((cells[column * 2 + 1] as number) - (cells[column * 2] as number)) * (perByte[column] as number);
    }
    let out = this.#out;
    if (out === null || needed > BUFFER_BYTES - out.at) {
      out = this.#makeRoom(needed);
      if (out === null) {
        this.#largeRow(bytes, cells);
        return;
      }
    }
    const row = this.#row.load(bytes);
    const begin = out.at;
    let column = 0;
    try {
      out.view.setInt16(begin, columns);
      out.at = begin + 2;
      for (; column < columns; column++) {
        const start = cells[column * 2] as number;
        if (start < 0) writeNull(out);
        else (encode[column] as EncodeCell)(out, row, start, cells[column * 2 + 1] as number);
      }
    } catch (error) {
      out.at = begin;
      throw this.#place(error, column);
    }
  }

  pressure(): Promise<void> | null {
    const pressure = this.#copy?.pressure() ?? null;
    return pressure === null ? null : this.session.awaitServer(pressure);
  }

  async end(): Promise<number> {
    const copy = this.#running();
    const out = this.#makeRoom(2);
    out?.view.setInt16(out.at, TRAILER);
    if (out) out.at += 2;
    this.#flush();
    try {
      const rows = await this.session.awaitServer(copy.finish());
      this.onEnd(rows);
      return rows;
    } catch (error) {
      throw this.#describe(error);
    } finally {
      this.#close();
    }
  }

  async abort(): Promise<void> {
    const copy = this.#copy;
    this.#close();
    if (!copy) return;
    const { stream } = this.session.client.connection;
    const giveUp = setTimeout(() => stream.destroy(), CANCEL_TIMEOUT_MS);
    try {
      await copy.cancel('the chunk is given up');
    } finally {
      clearTimeout(giveUp);
    }
  }

  /** The COPY under way; throws what it failed with. */
  #running(): CopyStream {
    assert(this.#copy, 'rows are written between begin and end');
    if (this.#copy.failure) throw this.#describe(this.#copy.failure);
    return this.#copy;
  }

  #close(): void {
    this.#copy = null;
    if (this.#out) this.pool.give(this.#out);
    this.#out = null;
  }

  /** An empty buffer, or the present one, with so much room; null when none is that large. */
  #makeRoom(needed: number): CopyBuffer | null {
    this.#running();
    if (needed > BUFFER_BYTES - MESSAGE_HEADER) return null;
    if (this.#out && needed > BUFFER_BYTES - this.#out.at) this.#flush();
    this.#out ??= this.pool.take();
    return this.#out;
  }

  #flush(): void {
    const out = this.#out;
    if (!out || out.at === MESSAGE_HEADER) return;
    writeMessageHeader(out.view, out.at - MESSAGE_HEADER);
    this.#sent += out.at - MESSAGE_HEADER;
    this.#out = null;
    this.#running().send(out.bytes.subarray(0, out.at), () => this.pool.give(out));
  }

  /** A row that does not fit a buffer: encoded whole before any of it is sent, its large cells left where they are. */
  #largeRow(bytes: Buffer, cells: Int32Array): void {
    const row = this.#row.load(bytes);
    const parts: Uint8Array[] = [];
    const scratch = new CopyBuffer(this.#scratchSize(cells));
    scratch.view.setInt16(0, this.#encoders.length);
    scratch.at = 2;
    let from = 0;
    this.#encoders.forEach((encoder, column) => {
      const [start, end] = [cells[column * 2] as number, cells[column * 2 + 1] as number];
      try {
        if (start < 0) {
          writeNull(scratch);
        } else if (encoder.pieces && end - start > LARGE_BYTES) {
          const content = encoder.pieces(row, start, end);
          scratch.view.setInt32(
            scratch.at,
            content.reduce((sum, piece) => sum + piece.length, 0),
          );
          scratch.at += 4;
          parts.push(scratch.bytes.subarray(from, scratch.at), ...content);
          from = scratch.at;
        } else {
          encoder.encode(scratch, row, start, end);
        }
      } catch (error) {
        throw this.#place(error, column);
      }
    });
    parts.push(scratch.bytes.subarray(from, scratch.at));
    this.#flush();
    for (const part of parts) {
      this.#sent += part.length;
      this.#running().sendLarge(part);
    }
  }

  #scratchSize(cells: Int32Array): number {
    return this.#encoders.reduce((sum, { fixed, perByte, pieces }, column) => {
      const length = (cells[column * 2 + 1] as number) - (cells[column * 2] as number);
      return sum + fixed + (pieces && length > LARGE_BYTES ? 0 : length * perByte);
    }, 2);
  }

  #place(error: unknown, column: number): unknown {
    return error instanceof RejectedValue
      ? new RejectedValue(error.reason, this.#table.columns[column] ?? null)
      : error;
  }

  #describe(error: unknown): MigrationError {
    return copyError(error, this.session.name, this.#table.source.name);
  }
}
