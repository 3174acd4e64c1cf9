import { createHash } from 'node:crypto';
import { MigrationError } from '../../../domain/errors';
import type { AccountsFound, FreezeState } from '../../../domain/freeze';
import { endSession } from '../endSession';
import { preparedTransactions, stillHeld, waitForWriters } from '../holders';
import { readPosition } from '../position';
import { replicationFindings } from '../replication';
import { serverLife } from '../serverIdentity';
import type { Session } from '../session';
import { endSessions, writersAmong } from './sessions';
import { findLeaks } from './leaks';
import { accountStatements, accountsProof } from './proof';
import { giveBack, listed, take, writersLeft } from './takings';

/** Opens a session that may change accounts; the caller closes it. */
export type OpenSession = () => Promise<Session>;

/** A statement about accounts waits so long for a lock at the most: then it is tried again, and no forgotten one is left. */
const LOCK_WAIT_SECONDS = 3;
/** How long an attempt that was ended gets to go. */
const PREDECESSOR_SECONDS = 10;

/**
 * Takes every way to write to the database, once no transaction that has changed rows is open of those who have one,
 * and ends their sessions. Errors: FREEZE_FAILED, with everything given back.
 */
export async function freezeAccounts(
  session: Session,
  openFreezer: OpenSession,
  patienceMs: number,
  found: AccountsFound,
): Promise<FreezeState> {
  const [leak] = [...(await replicationFindings(session)), ...(await findLeaks(session))];
  if (leak !== undefined) throw failed(session, `${leak.source}: ${leak.reason}`);
  const deadline = Date.now() + patienceMs;
  // Nothing is taken from anybody while somebody else still has to end.
  const open = await waitForWriters(() => writersAmong(session, found.users), deadline);
  if (open.length > 0) throw stillHeld(session, patienceMs, open);
  try {
    await asOnlyAttempt(session, openFreezer, async (freezer) => {
      for (const taking of found.takings) await take(freezer, taking);
    });
    const left = await endSessions(session, found.users, deadline);
    const held = left.length > 0 ? left : await preparedTransactions(session);
    if (held.length > 0) throw stillHeld(session, patienceMs, held);
    return await frozenState(session);
  } catch (error) {
    await unfreezeAccounts(session, openFreezer, found);
    throw error;
  }
}

async function frozenState(session: Session): Promise<FreezeState> {
  const statements = await accountStatements(session);
  const writers = await writersLeft(session);
  if (writers.length > 0) throw failed(session, `it can still be written to: ${listed(writers)}. Try again`);
  const accounts = await accountsProof(session, statements);
  return { found: {}, position: await readPosition(session), serverLife: await serverLife(session), accounts };
}

/** Gives back all that was taken, whoever took it; safe to repeat. */
export async function unfreezeAccounts(
  session: Session,
  openFreezer: OpenSession,
  found: AccountsFound,
): Promise<void> {
  await asOnlyAttempt(session, openFreezer, async (freezer) => {
    for (const taking of [...found.takings].reverse()) await giveBack(freezer, taking);
  });
}

/**
 * Of all attempts to freeze or unfreeze a database one works at a time: a later one ends the earlier one's session on
 * the server, so that nothing is taken or given back behind its back.
 */
async function asOnlyAttempt(
  session: Session,
  openFreezer: OpenSession,
  work: (freezer: Session) => Promise<void>,
): Promise<void> {
  const [row] = await session.query('SELECT DATABASE()');
  const name = `temporal-migrate ${createHash('sha256')
    .update(row?.[0] ?? '')
    .digest('hex')
    .slice(0, 32)}`;
  await using freezer = await openFreezer();
  await freezer.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  // An empty mode lets a GRANT of MariaDB make an account that is no longer there, without a password.
  if (freezer.server.flavour === 'mariadb') await freezer.query("SET SESSION sql_mode = 'NO_AUTO_CREATE_USER'");
  const [holder] = await freezer.query(`SELECT IS_USED_LOCK('${name}')`);
  if (holder?.[0]) await endSession(freezer, holder[0]);
  const [locked] = await freezer.query(`SELECT GET_LOCK('${name}', ${PREDECESSOR_SECONDS})`);
  if (locked?.[0] !== '1')
    throw new MigrationError(
      'SERVER_BUSY',
      `connection "${session.name}": another attempt to freeze or unfreeze it does not end`,
    );
  await work(freezer);
}

function failed(session: Session, why: string): MigrationError {
  return new MigrationError('FREEZE_FAILED', `connection "${session.name}": ${why}`);
}
