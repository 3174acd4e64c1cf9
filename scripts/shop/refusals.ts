import { z } from 'zod';

/** Why a write did not happen, when waiting and trying again is the right answer. */
export type Refusal =
  /** The database takes no writes for now. */
  | 'readOnly'
  /** Another session was in the way. */
  | 'contention'
  /** The connection is gone; whether the last COMMIT was done is unknown. */
  | 'connection';

/** ER_OPTION_PREVENTS_STATEMENT (read_only, super_read_only), ER_READ_ONLY_MODE; locked accounts; revoked rights. */
const MYSQL_READ_ONLY = new Set([1290, 1836, 3118, 4151, 1044, 1142, 1143]);
/** ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK. */
const MYSQL_CONTENTION = new Set([1205, 1213]);
/** ER_SERVER_SHUTDOWN, ER_QUERY_INTERRUPTED, ER_CONNECTION_KILLED (MariaDB), ER_SESSION_WAS_KILLED (MySQL). */
const MYSQL_CONNECTION = new Set([1053, 1317, 1927, 3169]);

/** ER_ACCESS_DENIED_ERROR, ER_BAD_DB_ERROR. */
const LOGIN_REFUSED = new Set([1045, 1049]);

/** read_only_sql_transaction, insufficient_privilege, invalid_authorization (a role that may not log in). */
const POSTGRES_READ_ONLY = new Set(['25006', '42501', '28000']);
/** serialization_failure, deadlock_detected, lock_not_available. */
const POSTGRES_CONTENTION = new Set(['40001', '40P01', '55P03']);

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'PROTOCOL_CONNECTION_LOST']);

/** What the drivers and the network put on their errors. */
const driverError = z.object({
  message: z.string(),
  errno: z.number().optional(),
  code: z.string().optional(),
  fatal: z.boolean().optional(),
});

/** Null for an error that trying again cannot mend. */
export function refusalOf(error: unknown): Refusal | null {
  const read = driverError.safeParse(error);
  if (!read.success) return null;
  const { message, errno = 0, code = '', fatal } = read.data;
  if (MYSQL_READ_ONLY.has(errno) || POSTGRES_READ_ONLY.has(code)) return 'readOnly';
  if (MYSQL_CONTENTION.has(errno) || POSTGRES_CONTENTION.has(code)) return 'contention';
  if (MYSQL_CONNECTION.has(errno) || NETWORK.has(code)) return 'connection';
  // Class 08 is a connection exception, 57P an intervention of the operator, such as a shutdown.
  if (/^(08...|57P..)$/.test(code)) return 'connection';
  // A login that is refused is fatal to its connection, but no other connection would fare better.
  if (LOGIN_REFUSED.has(errno)) return null;
  const closed = /connection (is )?(closed|terminated|in closed state)|Client has encountered/i.test(message);
  return fatal === true || closed ? 'connection' : null;
}
