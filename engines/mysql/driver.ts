import type { Socket } from 'node:net';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2';

/**
 * The parts of mysql2 that its types leave out and the row path needs. They are read from mysql2 3.24, whose exact
 * version package.json pins; the reader's tests fail when another one changes them.
 */
export interface DriverConnection extends Connection {
  /** Cuts the socket's bytes into packets and hands each to handlePacket. */
  packetParser: { execute(chunk: Buffer): unknown; readonly _reusablePacket?: DriverPacket };
  handlePacket(packet: DriverPacket): void;
  sequenceId: number;
  readonly stream: Socket;
}

/** A packet, its header of four bytes included, at `start` of a buffer that holds others too. */
export interface DriverPacket {
  buffer: Buffer;
  start: number;
  offset: number;
  end: number;
  sequenceId: number;
  numPackets: number;
}

/** Logs in. Rejects with the driver's own error. */
export async function connectDriver(options: ConnectionOptions): Promise<DriverConnection> {
  const connection = createConnection(options) as DriverConnection;
  return new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.connect((error) => {
      connection.off('error', reject);
      if (error) {
        // A late second error of the same failed socket must not end the process.
        connection.on('error', () => undefined);
        connection.stream.destroy();
        reject(error);
      } else resolve(connection);
    });
  });
}
