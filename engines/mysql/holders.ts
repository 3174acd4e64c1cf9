import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../domain/errors';
import { errorNumber } from './errors';
import { FRESH_LOOK_MS, readOpenTransactions } from './openTransactions';
import { otherSessions, type ConnectedSession } from './processlist';
import type { Session } from './session';

/** Somebody who keeps the source from standing still. */
export interface Holder {
  /** The transaction's or the session's number: the same holder has the same one later. */
  readonly key: string;
  readonly description: string;
}

/** Waits until those who are open writers now have ended. Others come and go; those that do not end are answered. */
export async function waitForWriters(look: () => Promise<Holder[]>, deadline: number): Promise<readonly Holder[]> {
  let waitedFor: readonly Holder[] | null = null;
  do {
    await delay(FRESH_LOOK_MS);
    const open = await look();
    waitedFor = open.filter(({ key }) => waitedFor === null || waitedFor.some((other) => other.key === key));
  } while (waitedFor.length > 0 && Date.now() < deadline);
  return waitedFor;
}

/** Names those who kept a source from standing still; it is as it was found. */
export function stillHeld(session: Session, patienceMs: number, holders: readonly Holder[]): MigrationError {
  const named = holders.slice(0, 10).map(({ description }) => description);
  const more = holders.length > named.length ? ` and ${holders.length - named.length} more` : '';
  return new MigrationError(
    'FREEZE_FAILED',
    `connection "${session.name}": the source could not be frozen within ${Math.round(patienceMs / 1000)} s, and is ` +
      `as it was found: ${named.join('; ')}${more}. End these, then try again`,
    { details: { holders: named } },
  );
}

/**
 * Transactions that have changed rows and are still open, prepared ones (XA) with them. Errors: PRIVILEGE_MISSING
 * without PROCESS, or without XA_RECOVER_ADMIN.
 */
export async function openWriters(session: Session): Promise<Holder[]> {
  const rows = await readOpenTransactions(
    session,
    `SELECT t.trx_id, t.trx_mysql_thread_id, ${SECONDS_OPEN} FROM information_schema.INNODB_TRX AS t
     WHERE t.trx_rows_modified > 0 AND t.trx_mysql_thread_id NOT IN (0, CONNECTION_ID())`,
  );
  const sessions = rows.length === 0 ? [] : await otherSessions(session);
  const writers = rows.map(([transaction, thread, seconds]) => {
    const user = sessions.find(({ id }) => id === thread)?.user ?? 'unknown';
    return {
      key: `transaction ${transaction ?? ''}`,
      description: `connection ${thread ?? ''} (user ${user}) has had a transaction open for ${seconds ?? '0'} s`,
    };
  });
  return [...writers, ...(await preparedTransactions(session))];
}

/** INNODB_TRX tells times in the zone of the server's machine, whatever the session's or the global one is. */
export const SECONDS_OPEN = "TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM'))";

/** Errors: PRIVILEGE_MISSING without XA_RECOVER_ADMIN (MySQL). */
export async function preparedTransactions(session: Session): Promise<Holder[]> {
  const format = session.server.flavour === 'mysql' ? 'CONVERT XID' : "FORMAT = 'SQL'";
  const rows = await session.query(`XA RECOVER ${format}`);
  return rows.map(([, , , data]) => ({
    key: `XA ${data ?? ''}`,
    description: `the XA transaction ${data ?? ''} is prepared and neither committed nor rolled back`,
  }));
}

/**
 * What a wait for the global read lock may have met: the sessions that hold locks against it where the server tells
 * (MySQL's performance schema, MariaDB's metadata_lock_info), else statements at work and tables in use.
 */
export async function lockHolders(session: Session): Promise<Holder[]> {
  const sessions = await otherSessions(session);
  const holding = new Set(await lockHolderIds(session));
  const holders = sessions.filter(({ id }) => holding.has(id));
  if (holders.length > 0) return holders.map((holder) => asHolder(holder, 'holds locks'));
  const atWork = sessions.filter(({ command }) => command === 'Query' || command === 'Execute');
  const tables = await session.show('SHOW OPEN TABLES WHERE In_use > 0');
  return [
    ...atWork.map((other) => asHolder(other, 'is at work')),
    ...tables.map((row) => {
      const table = `${row['Database'] ?? ''}.${row['Table'] ?? ''}`;
      return { key: `table ${table}`, description: `table ${table} is in use, or locked by LOCK TABLES` };
    }),
  ];
}

/** Numbers of the sessions that hold locks; none where the server does not tell. */
async function lockHolderIds(session: Session): Promise<string[]> {
  try {
    const rows = await session.query(LOCK_HOLDERS[session.server.flavour]);
    return rows.map(([id]) => id ?? '');
  } catch (error) {
    // No right to look there, or no such table.
    if ([1142, 1109, 1146].includes(errorNumber(error) ?? 0)) return [];
    throw error;
  }
}

const LOCK_HOLDERS = {
  mysql: `SELECT t.PROCESSLIST_ID
    FROM performance_schema.metadata_locks AS l JOIN performance_schema.threads AS t ON t.THREAD_ID = l.OWNER_THREAD_ID
    WHERE l.OBJECT_TYPE IN ('GLOBAL', 'COMMIT') AND l.LOCK_STATUS = 'GRANTED'`,
  mariadb: `SELECT THREAD_ID FROM information_schema.METADATA_LOCK_INFO WHERE LOCK_TYPE = 'Backup lock'`,
};

function asHolder({ id, user, command, seconds }: ConnectedSession, what: string): Holder {
  return { key: `session ${id}`, description: `connection ${id} (user ${user}, ${command} for ${seconds} s) ${what}` };
}
