import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../../domain/errors';
import type { AccountsFound, AccountsProof, FreezeState } from '../../../domain/freeze';
import { endSession } from '../endSession';
import { preparedTransactions, stillHeld, waitForWriters } from '../holders';
import { readPosition } from '../position';
import { replicationFindings } from '../replication';
import { serverLife } from '../serverIdentity';
import type { Session } from '../session';
import { endSessions, writersAmong } from './sessions';
import { giveBack, take, writersLeft } from './takings';
import { findLeaks } from './leaks';

/** Opens a session that may change accounts; the caller closes it. */
export type OpenSession = () => Promise<Session>;

/** A statement about accounts waits so long for a lock at the most: then it is tried again, and no forgotten one is left. */
const LOCK_WAIT_SECONDS = 3;
/** How long an attempt that was ended gets to go. */
const PREDECESSOR_SECONDS = 10;
const POLL_MS = 100;

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
  const accounts: AccountsProof = { statements, lastWrite: await settledLastWrite(session) };
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
 * Holds when nobody can write now, and nothing was written to the database since. On a server that others use too the
 * binary log tells neither, so it is told by the accounts, read again whenever the server ran a statement about one,
 * and by when each table was written last. Errors: FREEZE_LOST.
 */
export async function checkAccountsFrozen(session: Session, state: FreezeState, proof: AccountsProof): Promise<void> {
  const lost = (why: string): MigrationError =>
    new MigrationError('FREEZE_LOST', `connection "${session.name}": the source did not stay frozen: ${why}`);
  if ((await serverLife(session)) !== state.serverLife)
    throw lost('it was restarted, and cannot tell what was written before');
  if ((await accountStatements(session)) !== proof.statements) {
    const writers = await writersLeft(session);
    if (writers.length > 0) throw lost(listed(writers));
  }
  const [table, written] = await newestWrite(session);
  if (written !== null && Number(written) > Number(proof.lastWrite ?? 0))
    throw lost(`table ${table} was written to at ${new Date(Number(written) * 1000).toISOString()}`);
}

/** Statements by which accounts come, go and change. The numbers only grow in one life of the server. */
const ACCOUNT_STATEMENTS = [
  ...[
    'alter_user',
    'create_user',
    'drop_user',
    'rename_user',
    'grant',
    'revoke',
    'revoke_all',
    'set_password',
    'flush',
  ],
  // MySQL's names, then MariaDB's.
  ...[
    'grant_roles',
    'revoke_roles',
    'alter_user_default_role',
    'grant_role',
    'revoke_role',
    'create_role',
    'drop_role',
  ],
];

async function accountStatements(session: Session): Promise<string> {
  const names = ACCOUNT_STATEMENTS.map((name) => `'Com_${name}'`).join(', ');
  const rows = await session.show(`SHOW GLOBAL STATUS WHERE Variable_name IN (${names})`);
  return String(rows.reduce((sum, row) => sum + Number(row['Value']), 0));
}

/** The table that was written to last, and the second of it; nulls where no table has been written to in memory's reach. */
async function newestWrite(session: Session): Promise<[table: string, written: string | null, now: string]> {
  const [row] = await session.query(
    `SELECT TABLE_NAME, UNIX_TIMESTAMP(UPDATE_TIME) AS written, UNIX_TIMESTAMP() FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() ORDER BY written DESC LIMIT 1`,
  );
  return [row?.[0] ?? '', row?.[1] ?? null, row?.[2] ?? '0'];
}

/** Writes are told by the second: one in the same second as the last would not show before the second is over. */
async function settledLastWrite(session: Session): Promise<string | null> {
  for (;;) {
    const [, written, now] = await newestWrite(session);
    if (written === null || Number(now) > Number(written)) return written;
    await delay(POLL_MS);
  }
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

function listed(writers: readonly string[]): string {
  const more = writers.length > 10 ? ` and ${writers.length - 10} more` : '';
  return `${writers.slice(0, 10).join('; ')}${more}`;
}
