import { DatabaseError } from 'pg';
import type { DatabaseSettings } from '../../domain/connection';
import { MigrationError, type ErrorCode } from '../../domain/errors';
import { networkReason } from '../../domain/networkReason';

/**
 * SQLSTATEs (PostgreSQL manual, appendix A) by what they mean for a migration; a class of two characters stands for
 * all its codes that are not listed themselves.
 */
const BY_STATE: Readonly<Record<string, ErrorCode>> = {
  '08': 'CONNECTION_LOST',
  '57P01': 'CONNECTION_LOST', // the backend was terminated, or the server shuts down
  '57P02': 'CONNECTION_LOST', // another backend crashed
  '57P05': 'CONNECTION_LOST', // idle_session_timeout
  '25P03': 'CONNECTION_LOST', // idle_in_transaction_session_timeout
  '25P04': 'CONNECTION_LOST', // transaction_timeout
  '57P03': 'SERVER_BUSY', // starting up, or shutting down
  '57014': 'SERVER_BUSY', // somebody cancelled the statement
  '53': 'SERVER_BUSY', // no connection, memory or disk left
  '55P03': 'SERVER_BUSY', // a lock was not granted in time
  '55006': 'SERVER_BUSY', // the object is in use
  '40': 'SERVER_BUSY', // deadlock, serialization failure
  '28': 'LOGIN_REFUSED',
  '3D000': 'CONNECTION_INVALID', // there is no such database
  '42501': 'PRIVILEGE_MISSING',
};

const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);
const BROKEN_MESSAGE = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;
const NO_TLS_MESSAGE = /^The server does not support SSL connections$/;

/** The driver's own words when a server answers an SSLRequest with no. */
export function isPlainTextOnly(error: unknown): boolean {
  return NO_TLS_MESSAGE.test(messageOf(error));
}

/** What an error of the server says, or null when it comes from elsewhere. */
export function serverError(error: unknown): DatabaseError | null {
  if (error instanceof DatabaseError) return error;
  if (error instanceof MigrationError && error.cause instanceof DatabaseError) return error.cause;
  return null;
}

/** A failed login, coded. */
export function connectError(error: unknown, settings: DatabaseSettings): MigrationError {
  if (error instanceof MigrationError) return error;
  const where = `connection "${settings.name}"`;
  if (error instanceof DatabaseError) {
    return new MigrationError(codeOfState(error.code) ?? 'CONNECTION_FAILED', `${where}: ${describe(error)}`, {
      cause: error,
    });
  }
  const message = messageOf(error);
  // The driver's own word for a connection that was not made in time has no code.
  const code = networkCode(error) ?? (/^timeout expired/.test(message) ? 'ETIMEDOUT' : '');
  const reason = networkReason(code);
  if (reason !== null) {
    return new MigrationError('CONNECTION_FAILED', `${where}: the server cannot be reached: ${reason}`, {
      cause: error,
    });
  }
  if (isPlainTextOnly(error)) {
    const advice = 'turn TLS on at the server, or set ssl=disable in the connection';
    return new MigrationError('CONNECTION_INVALID', `${where}: the server offers no TLS; ${advice}`, { cause: error });
  }
  if (/certificate|altnames|self.signed/i.test(message)) {
    const advice = 'name its authority with sslca, or another ssl mode';
    return new MigrationError(
      'CONNECTION_INVALID',
      `${where}: the server's certificate is not trusted (${message}); ${advice}`,
      { cause: error },
    );
  }
  if (message.startsWith('SASL')) {
    return new MigrationError('LOGIN_REFUSED', `${where}: ${message}`, { cause: error });
  }
  return new MigrationError('CONNECTION_FAILED', `${where}: ${message}`, { cause: error });
}

/** A failed statement, coded. The server's detail is left out: it may quote whole rows. */
export function statementError(error: unknown, name: string): MigrationError {
  if (error instanceof MigrationError) return error;
  const where = `connection "${name}"`;
  if (error instanceof DatabaseError) {
    return new MigrationError(codeOfState(error.code) ?? 'STATEMENT_FAILED', `${where}: ${describe(error)}`, {
      cause: error,
    });
  }
  const message = messageOf(error);
  const code = networkCode(error);
  if ((code !== null && BROKEN.has(code)) || BROKEN_MESSAGE.test(message)) {
    return new MigrationError('CONNECTION_LOST', `${where}: the connection broke (${message})`, { cause: error });
  }
  return new MigrationError('INTERNAL', `${where}: ${message}`, { cause: error });
}

const COPY_PLACE = /^COPY .+?, line (\d+)(?:, column (.+))?$/m;
/** The value that some messages end with. */
const QUOTED_VALUE = /: ".*"$/s;

/**
 * A failed COPY, coded. A value the server refuses (SQLSTATE classes 22, 23 and 54) is told by its place alone: the
 * server's own words on it may quote it.
 */
export function copyError(error: unknown, name: string, table: string): MigrationError {
  if (!(error instanceof DatabaseError) || !/^(22|23|54)/.test(error.code ?? '')) return statementError(error, name);
  const [, row = '?', column] = COPY_PLACE.exec(error.where ?? '') ?? [];
  const where = `table ${table}, row ${row} of the chunk${column === undefined ? '' : `, target column ${column}`}`;
  const reason = `${error.message.replace(QUOTED_VALUE, '')} (SQLSTATE ${error.code ?? ''})`;
  return new MigrationError('ROW_REJECTED', `${where}: the target refuses the value: ${reason}`, { cause: error });
}

function codeOfState(state: string | undefined): ErrorCode | null {
  if (state === undefined) return null;
  return BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? null;
}

// Told by their shape: Node's own errors are no instances of this realm's Error where code runs in a context (jest).

function networkCode(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message);
}

function describe(error: DatabaseError): string {
  return `${error.message} (SQLSTATE ${error.code ?? 'unknown'})`;
}
