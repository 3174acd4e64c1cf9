import { assert } from '../../domain/errors';
import type { RowSink } from '../engine';
import type { DriverPacket } from './driver';
import { toMigrationError } from './errors';
import { PacketCutter, type PayloadHandler } from './packets';
import { findCells } from './rowCells';
import type { Session } from './session';

const HEADER_BYTES = 4;
const ERROR_MARKER = 0xff;
const END_MARKER = 0xfe;
/** A longer payload with the end's marker is a row that begins with a very long cell. */
const LONGEST_END = 8;

/**
 * Reads the rows of a SELECT into a sink, straight from the network's buffers, without a value made of any cell. The
 * session is of no more use after an error. Errors: what the sink throws, as it is; the signal's reason; CONNECTION_LOST;
 * STATEMENT_FAILED and its kin.
 */
export async function readRows(
  session: Session,
  sql: string,
  columns: number,
  sink: RowSink,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const reading = new Reading(session, columns, sink);
  const onAbort = (): void => {
    reading.failed(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await session.awaitServer(reading.run(sql));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** One result on its way. Everything but rows is left to the driver: the query, the columns, the end, errors. */
class Reading implements PayloadHandler {
  private readonly cells: Int32Array;
  private readonly cutter: PacketCutter;
  private readonly packet: DriverPacket;
  private rows = 0;
  /** The driver reads the columns and one packet more; then come rows, until one says that it is the last. */
  private state: 'columns' | 'columnsRead' | 'rows' | 'ended' = 'columns';
  private settle: { resolve: (rows: number) => void; reject: (error: unknown) => void } | null = null;

  constructor(
    private readonly session: Session,
    private readonly columns: number,
    private readonly sink: RowSink,
  ) {
    this.cells = new Int32Array(columns * 2);
    this.cutter = new PacketCutter(() => session.driver.stream, this);
    const packet = session.driver.packetParser._reusablePacket;
    assert(packet !== undefined, 'the driver has a packet to lend');
    this.packet = packet;
  }

  async run(sql: string): Promise<number> {
    const { driver } = this.session;
    const driversCutter = driver.packetParser;
    const watching = this.session.watch((error) => {
      this.end((settle) => settle.reject(error));
    });
    driver.packetParser = this.cutter;
    try {
      return await new Promise<number>((resolve, reject) => {
        this.settle = { resolve, reject };
        const query = driver.query(sql);
        query.on('fields', () => (this.state = 'columnsRead'));
        query.on('error', (error) => {
          this.end((settle) => settle.reject(toMigrationError(error, this.session.name, 'use')));
        });
        query.on('end', () => {
          this.end((settle) => settle.resolve(this.rows));
        });
      });
    } finally {
      driver.packetParser = driversCutter;
      watching[Symbol.dispose]();
    }
  }

  payload(bytes: Buffer, start: number, end: number, sequenceId: number, packets: number): Promise<void> | null {
    if (this.state === 'rows') {
      const marker = bytes[start];
      if (marker !== ERROR_MARKER && !(marker === END_MARKER && end - start <= LONGEST_END)) {
        return this.row(bytes, start, end);
      }
      this.state = 'ended';
    }
    const behindColumns = this.state === 'columnsRead';
    this.forward(bytes, start, end, sequenceId, packets);
    if (behindColumns) this.state = 'rows';
    return null;
  }

  expectedEnd(bytes: Buffer, start: number, end: number): number {
    return this.state === 'rows' ? findCells(bytes, start, end, this.columns, this.cells) : end;
  }

  /** Somebody else than the server ends the reading: the sink, or who asked for it. */
  failed(error: unknown): void {
    this.end((settle) => {
      settle.reject(error);
      this.session.abandon(error);
    });
  }

  private row(bytes: Buffer, start: number, end: number): Promise<void> | null {
    const found = findCells(bytes, start, end, this.columns, this.cells);
    assert(found === end, 'the cells of a row fill its packet');
    this.rows++;
    this.sink.row(bytes, this.cells);
    return this.sink.pressure();
  }

  private forward(bytes: Buffer, start: number, end: number, sequenceId: number, packets: number): void {
    const { driver } = this.session;
    // The driver counts packets, and has not seen those of the rows.
    driver.sequenceId = sequenceId;
    Object.assign(this.packet, {
      buffer: bytes,
      start: start - HEADER_BYTES,
      offset: start,
      end,
      sequenceId,
      numPackets: packets,
    });
    driver.handlePacket(this.packet);
  }

  /** Whatever ends the reading first is its outcome. */
  private end(how: (settle: NonNullable<Reading['settle']>) => void): void {
    const { settle } = this;
    this.settle = null;
    if (settle === null) return;
    this.cutter.close();
    how(settle);
  }
}
