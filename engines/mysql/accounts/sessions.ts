import { setTimeout as delay } from 'node:timers/promises';
import { endSession } from '../endSession';
import { preparedTransactions, SECONDS_OPEN, type Holder } from '../holders';
import { FRESH_LOOK_MS, readOpenTransactions } from '../openTransactions';
import { otherSessions } from '../processlist';
import type { Session } from '../session';

/** How long a session at work that has changed nothing gets to finish its statement. */
const STATEMENT_GRACE_MS = 3_000;
/** A session that was ended must be gone by then, its transaction rolled back. */
const GONE_WITHIN_MS = 3_000;
/** A login on its way: who it will be is not known yet. */
const LOGGING_IN = 'unauthenticated user';

interface OpenSession {
  readonly id: string;
  readonly user: string;
  readonly idle: boolean;
  /** Its transaction, and for how many seconds that has been open; null when it has changed no row of a transactional table. */
  readonly changing: { readonly transaction: string; readonly seconds: string } | null;
}

async function sessionsOf(session: Session, users: ReadonlySet<string>): Promise<OpenSession[]> {
  const sessions = await otherSessions(session);
  // Later than the sessions: of one that has begun to change rows in between this is known.
  const rows = await readOpenTransactions(
    session,
    `SELECT t.trx_mysql_thread_id, t.trx_id, ${SECONDS_OPEN}
     FROM information_schema.INNODB_TRX AS t WHERE t.trx_rows_modified > 0`,
  );
  const changing = new Map(
    rows.map(([id, transaction, seconds]) => [id, { transaction: transaction ?? '', seconds: seconds ?? '0' }]),
  );
  return sessions
    .filter(({ user }) => users.has(user) || user === LOGGING_IN)
    .map(({ id, user, command }) => ({ id, user, idle: command === 'Sleep', changing: changing.get(id) ?? null }));
}

/** Open transactions of these users that have changed rows, and prepared ones of anybody. */
export async function writersAmong(session: Session, users: readonly string[]): Promise<Holder[]> {
  const open = await sessionsOf(session, new Set(users));
  return [...open.filter(({ changing }) => changing !== null).map(asHolder), ...(await preparedTransactions(session))];
}

function asHolder({ id, user, changing }: OpenSession): Holder {
  const what = changing === null ? 'has not ended' : `has had a transaction open for ${changing.seconds} s`;
  const key = changing === null ? `session ${id}` : `transaction ${changing.transaction}`;
  return { key, description: `connection ${id} (user ${user}) ${what}` };
}

/**
 * Ends the sessions that these users have now: each may still do what it could when it logged in. A transaction that
 * has changed rows is waited for until the deadline, a statement for a few seconds. Answers who is left; later logins
 * are none of them.
 */
export async function endSessions(session: Session, users: readonly string[], deadline: number): Promise<Holder[]> {
  const writers = new Set(users);
  const old = new Set((await sessionsOf(session, writers)).map(({ id }) => id));
  const statementsUntil = Date.now() + STATEMENT_GRACE_MS;
  const givesUpAt = Math.max(deadline, statementsUntil + GONE_WITHIN_MS);
  for (;;) {
    await delay(FRESH_LOOK_MS);
    const left = (await sessionsOf(session, writers)).filter(({ id }) => old.has(id));
    if (left.length === 0) return [];
    if (Date.now() >= givesUpAt) return left.map(asHolder);
    const due = left.filter(({ changing, idle }) => changing === null && (idle || Date.now() >= statementsUntil));
    for (const { id } of due.filter(({ user }) => user !== LOGGING_IN)) await endSession(session, id);
  }
}
