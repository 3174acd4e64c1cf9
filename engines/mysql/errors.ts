import { MigrationError, type ErrorCode } from '../../domain/errors';
import { networkReason } from '../../domain/networkReason';

/** What mysql2 attaches to its errors: the server's number and SQLSTATE, or the driver's or the network's word. */
interface DriverError extends Error {
  readonly errno?: number | string;
  readonly code?: string;
  readonly sqlState?: string;
}

/** The server's numbers, from the error references of MySQL 9.7 and MariaDB, by what a person can do about them. */
const BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map(
  Object.entries({
    // The account, its password, its expiry, its host, its lock, or that it must use TLS.
    LOGIN_REFUSED: [1045, 1129, 1130, 1251, 1698, 1820, 1862, 3118, 3159, 4151],
    CONNECTION_INVALID: [1049],
    PRIVILEGE_MISSING: [1044, 1142, 1143, 1227, 1370, 1401, 3530],
    // Too many connections or no memory, a lock not given, a statement cut off, or a shutdown.
    SERVER_BUSY: [1037, 1038, 1040, 1041, 1053, 1135, 1203, 1205, 1206, 1213, 1226, 1317, 1969, 3024, 3168, 3572],
    CONNECTION_LOST: [1158, 1159, 1160, 1161, 1927, 2006, 2013, 4031],
  } satisfies Partial<Record<ErrorCode, number[]>>).flatMap(([code, numbers]) =>
    numbers.map((number): [number, ErrorCode] => [number, code as ErrorCode]),
  ),
);

const BY_WORD: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'CONNECTION_FAILED',
  ENOTFOUND: 'CONNECTION_FAILED',
  EAI_AGAIN: 'CONNECTION_FAILED',
  EHOSTUNREACH: 'CONNECTION_FAILED',
  ENETUNREACH: 'CONNECTION_FAILED',
  HANDSHAKE_NO_SSL_SUPPORT: 'CONNECTION_FAILED',
  HANDSHAKE_SSL_ERROR: 'CONNECTION_FAILED',
  HANDSHAKE_UNKNOWN_ERROR: 'CONNECTION_FAILED',
  AUTH_SWITCH_PLUGIN_ERROR: 'LOGIN_REFUSED',
};

/** The number by which the server refuses, or null when it is not the server that speaks. */
export function errorNumber(error: unknown): number | null {
  const number = error instanceof MigrationError ? error.details['errno'] : (error as DriverError).errno;
  return typeof number === 'number' && number > 0 ? number : null;
}

/**
 * An error of the driver as one of ours. `during` tells a connection that could not be made from one that broke.
 * Neither host, user nor password may show: the server's sentences name the account, so it is taken out, and the
 * driver's own sentences name the address, so only their code is kept.
 */
export function toMigrationError(error: unknown, connection: string, during: 'connect' | 'use'): MigrationError {
  if (error instanceof MigrationError) return error;
  const { errno, code, sqlState, message } = error as DriverError;
  const fromServer = typeof errno === 'number' && errno > 0;
  const errorCode = fromServer
    ? (BY_NUMBER.get(errno) ?? 'STATEMENT_FAILED')
    : ((during === 'connect' ? BY_WORD[code ?? ''] : undefined) ??
      (during === 'connect' ? 'CONNECTION_FAILED' : 'CONNECTION_LOST'));
  const said = fromServer ? withoutAccount(message) : explain(code ?? 'the driver gave no reason');
  return new MigrationError(
    errorCode,
    `connection "${connection}": ${SAYINGS[errorCode] ?? 'the server refuses a statement'}: ${said}`,
    {
      details: { connection, ...(fromServer ? { errno, sqlState } : { code }) },
    },
  );
}

const SAYINGS: Partial<Record<ErrorCode, string>> = {
  LOGIN_REFUSED: 'the server refuses the login',
  CONNECTION_INVALID: 'there is no such database',
  CONNECTION_FAILED: 'the server cannot be reached',
  CONNECTION_LOST: 'the connection broke',
  PRIVILEGE_MISSING: 'the user lacks a right',
  SERVER_BUSY: 'the server has no room for this now',
};

/** What of the driver's own codes a person may not guess. */
function explain(code: string): string {
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'it offers no TLS, which the ssl mode asks for';
  if (code === 'HANDSHAKE_SSL_ERROR')
    return 'TLS failed: the certificate is not trusted, is for another name, or no version is shared';
  return networkReason(code) ?? code;
}

/** `'user'@'host'` as the server writes an account, and the database it was refused for. */
function withoutAccount(message: string): string {
  return message.replaceAll(/'[^']*'@'[^']*'/g, 'the user').replaceAll(/database '[^']*'/g, 'the database');
}
