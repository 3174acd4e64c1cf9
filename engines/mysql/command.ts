import type { DriverConnection, DriverPacket } from './driver';

const COM_QUERY = 0x03;
const PACKET_HEADER_BYTES = 4;
/** The protocol's capability by which a statement's attributes are counted in front of it. (MySQL: COM_QUERY) */
const QUERY_ATTRIBUTES = 0x0800_0000;
/** So many bytes in front of a statement are for what the protocol has there. */
export const COMMAND_ROOM = 7;

/** What a server says of a statement that changed rows. */
export interface Written {
  /** Rows that were found, for an UPDATE, also those that were as they should be already. */
  readonly rows: number;
  readonly warnings: number;
}

/** The driver's reading of an answer; its types leave it out. */
export interface AnswerPacket extends DriverPacket {
  isError(): boolean;
  asError(encoding: string): Error;
  readInt8(): number;
  readInt16(): number;
  readLengthCodedNumber(): number;
}

/** Those parts of the driver's connection that its types leave out and a command needs. */
interface Commanded {
  addCommand(command: StatementCommand): void;
  writePacket(packet: { readonly buffer: Buffer; length(): number; writeHeader(sequenceId: number): void }): void;
  _resetSequenceId(): void;
  readonly clientEncoding: string;
  readonly serverCapabilityFlags: number;
  readonly config: { readonly clientFlags: number };
}

/**
 * Sends a statement that answers no rows, given as bytes: the driver takes text alone, and would copy it. The first
 * COMMAND_ROOM bytes of `bytes` are overwritten. Answers with the driver's own error.
 */
export function sendStatement(
  driver: DriverConnection,
  bytes: Buffer,
  done: (error: Error | null, written?: Written) => void,
): void {
  (driver as unknown as Commanded).addCommand(new StatementCommand(bytes, done));
}

/** A command of the driver's queue: it is executed once to send, and then for each packet of the answer. */
class StatementCommand {
  private isSent = false;

  constructor(
    private readonly bytes: Buffer,
    /** The driver calls it when the connection is lost. */
    readonly onResult: (error: Error | null, written?: Written) => void,
  ) {}

  /** True once the command has come to its end. */
  execute(packet: AnswerPacket | undefined, connection: Commanded): boolean {
    if (!this.isSent) {
      this.isSent = true;
      connection._resetSequenceId();
      this.send(connection);
      return false;
    }
    if (packet === undefined) return false;
    if (packet.isError()) {
      this.onResult(packet.asError(connection.clientEncoding));
      return true;
    }
    // OK_Packet: its mark, rows, last id, status, warnings.
    packet.readInt8();
    const rows = packet.readLengthCodedNumber();
    packet.readLengthCodedNumber();
    packet.readInt16();
    this.onResult(null, { rows, warnings: packet.readInt16() });
    return true;
  }

  private send(connection: Commanded): void {
    const countsAttributes =
      (connection.config.clientFlags & connection.serverCapabilityFlags & QUERY_ATTRIBUTES) !== 0;
    // No attribute, in the one set that there always is.
    const head = countsAttributes ? [COM_QUERY, 0, 1] : [COM_QUERY];
    const start = COMMAND_ROOM - head.length;
    this.bytes.set(head, start);
    const buffer = this.bytes.subarray(start - PACKET_HEADER_BYTES);
    const length = buffer.length - PACKET_HEADER_BYTES;
    connection.writePacket({
      buffer,
      length: () => length,
      writeHeader: (sequenceId) => {
        buffer.writeUIntLE(length, 0, 3);
        buffer[3] = sequenceId;
      },
    });
  }
}
