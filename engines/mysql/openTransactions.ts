import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../domain/errors';
import { errorNumber } from './errors';
import type { Session } from './session';

/** "Cannot convert string '%s' from %s to %s" (MySQL 8.0.18 and later). */
const CANNOT_CONVERT = 3854;
/**
 * What INNODB_TRX shows is a copy, made anew only when nobody has read it for 100 ms. Waiting longer than that before
 * each look shows what is open after the wait began.
 */
export const FRESH_LOOK_MS = 250;
const PATIENCE_MS = 5_000;

/**
 * Rows of information_schema.INNODB_TRX. MySQL cannot show one of them while any transaction is at a statement with a
 * character beyond the basic plane, even where its text is not asked for: it is asked again when that one is over.
 * Errors: PRIVILEGE_MISSING without PROCESS; SERVER_BUSY while such a statement goes on and on.
 */
export async function readOpenTransactions(session: Session, sql: string): Promise<(string | null)[][]> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await session.query(sql);
    } catch (error) {
      if (errorNumber(error) !== CANNOT_CONVERT) throw error;
      if (Date.now() >= giveUpAt) {
        throw new MigrationError(
          'SERVER_BUSY',
          `connection "${session.name}": a statement that has been at work for ${PATIENCE_MS / 1_000} s keeps the server from showing its open transactions (it has a character beyond the basic plane): wait for it, or end it`,
          { cause: error },
        );
      }
      await delay(FRESH_LOOK_MS);
    }
  }
}
