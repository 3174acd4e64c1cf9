import type { Finding } from '../../../domain/finding';
import { LONG_TRANSACTION_SECONDS, transactionFindings } from '../../../domain/preflight/transactions';
import { preparedTransactions, SECONDS_OPEN } from '../holders';
import { readOpenTransactions } from '../openTransactions';
import { otherSessions } from '../processlist';
import type { Session } from '../session';

/** Errors: PRIVILEGE_MISSING without PROCESS. */
export async function longTransactionFindings(
  session: Session,
  longerThan = LONG_TRANSACTION_SECONDS,
): Promise<Finding[]> {
  const rows = await readOpenTransactions(
    session,
    `SELECT t.trx_mysql_thread_id, ${SECONDS_OPEN} AS seconds,
       DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL ${SECONDS_OPEN} SECOND, '%Y-%m-%dT%H:%i:%sZ')
     FROM information_schema.INNODB_TRX AS t
     WHERE t.trx_mysql_thread_id NOT IN (0, CONNECTION_ID()) HAVING seconds > ${longerThan}`,
  );
  const sessions = await otherSessions(session);
  const open = rows.map(([thread, seconds, since]) => {
    const holder = sessions.find(({ id }) => id === thread);
    return {
      session: `connection ${thread ?? ''}`,
      user: holder?.user ?? 'unknown',
      since: since ?? 'an unknown time',
      seconds: Number(seconds),
      idle: holder?.command === 'Sleep',
    };
  });
  const consequence = 'the freeze waits for each that has changed rows: end them before the cutover';
  return transactionFindings(session.name, open, consequence);
}

/**
 * A place of the log from which a stream can begin needs that there is none: of one that was prepared before it, the log
 * behind it has the commit and not the rows. Errors: PRIVILEGE_MISSING without XA_RECOVER_ADMIN.
 */
export async function preparedFindings(session: Session, live: boolean): Promise<Finding[]> {
  return (await preparedTransactions(session)).map(({ description }) => ({
    code: 'PREPARED_TRANSACTION',
    severity: live ? 'blocking' : 'warning',
    object: session.name,
    source: description,
    target: '',
    reason: live
      ? 'the log can be followed only from a moment at which there is none: commit it or roll it back'
      : 'the freeze waits for it: commit it or roll it back before the cutover',
  }));
}
