import { MigrationError } from '../../../domain/errors';
import { toMigrationError } from '../errors';

/** The server cannot read its log for us, for one of many reasons that only its words tell. */
const FATAL_READING_LOG = 1236;
/** Behind the marker: the number, `#`, five characters of SQLSTATE. */
const NUMBER_AT = 1;
const STATE_AT = 4;
const MESSAGE_AT = 9;

/** In words of MySQL and MariaDB. Another reader that took this one's place, or a server that ends, can be tried again. */
const TRY_AGAIN = /same server_(?:uu)?id|shutting down|killed/i;
/** The log is there, and cannot be sent. */
const DAMAGED = /exceeded max_allowed_packet|corrupt|crc|checksum|read error|truncated in the middle|encrypt/i;

/** An error packet that ends the log, as one of ours. */
export function refusal(bytes: Buffer, start: number, end: number, connection: string): MigrationError {
  const errno = bytes.readUInt16LE(start + NUMBER_AT);
  const sqlState = bytes.toString('latin1', start + STATE_AT, start + MESSAGE_AT);
  const message = bytes.toString('utf8', start + MESSAGE_AT, end);
  if (errno !== FATAL_READING_LOG) {
    return toMigrationError(Object.assign(new Error(message), { errno, sqlState }), connection, 'use');
  }
  const details = { details: { connection, errno, sqlState } };
  const said = `connection "${connection}": the server does not send its log: ${message}`;
  if (TRY_AGAIN.test(message)) return new MigrationError('CONNECTION_LOST', said, details);
  return new MigrationError(DAMAGED.test(message) ? 'LOG_UNREADABLE' : 'POSITION_LOST', said, details);
}

/** The server has said that nothing more comes, which it does when it ends the connection. */
export function logEnded(connection: string): MigrationError {
  return new MigrationError('CONNECTION_LOST', `connection "${connection}": the server has stopped sending its log`, {
    details: { connection },
  });
}
