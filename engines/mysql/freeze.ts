import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../domain/errors';
import type { FreezeState } from '../../domain/freeze';
import { samePosition } from '../../domain/position';
import { errorNumber } from './errors';
import { lockHolders, openWriters, stillHeld, waitForWriters, type Holder } from './holders';
import { readPosition } from './position';
import { otherSessions } from './processlist';
import { replicationFindings } from './replication';
import { serverLife } from './serverIdentity';
import { endSession } from './endSession';
import type { Session } from './session';

export type FreezeSettings = Readonly<Record<string, string>>;

/** Opens a session that may wait for the global read lock; the caller closes it. */
export type OpenSession = () => Promise<Session>;

/** How long one wait for the global read lock may hold up every writer that comes after it, at the most. */
const LOCK_WAIT_SECONDS = 3;
/** How long writers then get to pass before the next wait. */
const GAP_MS = 500;
/** How often it is looked whether settings hold. */
const POLL_MS = 50;
/** Undoing waits for nothing but statements that are being ended. */
const UNDO_TIMEOUT_MS = 30_000;
const LOCK_WAIT_TIMEOUT = 1205;
/** Marks our own statements in the list of sessions, so that one whose worker died can be found and ended. */
const MARK = '/* temporal-migrate freeze */';

/** The variables that a freeze changes, as the server has them now. */
export async function readFreezeSettings(session: Session): Promise<FreezeSettings> {
  const names = session.server.flavour === 'mysql' ? "'read_only', 'super_read_only'" : "'read_only'";
  const rows = await session.show(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  return Object.fromEntries(rows.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? '']));
}

/** super_read_only stops everybody; MariaDB's read_only leaves those with READ_ONLY ADMIN, which preflight names. */
export function isFrozen(settings: FreezeSettings): boolean {
  return (settings['super_read_only'] ?? settings['read_only'] ?? 'OFF') !== 'OFF';
}

/**
 * Makes the source read-only once no transaction is open that has changed rows, and sees to it that none is left that
 * could still commit: on MySQL, XA PREPARE and XA COMMIT pass super_read_only. The wait for the server's global read
 * lock, which holds up new writers, is cut into short ones. Errors: FREEZE_FAILED, with everything undone.
 */
export async function freeze(
  session: Session,
  openFreezer: OpenSession,
  patienceMs: number,
  found: FreezeSettings,
): Promise<FreezeState> {
  const [stream] = await replicationFindings(session);
  if (stream !== undefined)
    throw new MigrationError('FREEZE_FAILED', `connection "${session.name}": ${stream.source}: ${stream.reason}`);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const holders = await tryToFreeze(session, openFreezer, deadline, found);
    if (holders.length === 0)
      return { found, position: await readPosition(session), serverLife: await serverLife(session) };
    if (Date.now() >= deadline) throw stillHeld(session, patienceMs, holders);
    await delay(GAP_MS);
  }
}

/** One attempt. Answers who held it up, with the source as it was found; or nobody, and the source is frozen. */
async function tryToFreeze(
  session: Session,
  openFreezer: OpenSession,
  deadline: number,
  found: FreezeSettings,
): Promise<readonly Holder[]> {
  await endForgottenAttempts(session);
  if (!isFrozen(await readFreezeSettings(session))) {
    const writers = await waitForWriters(() => openWriters(session), deadline);
    if (writers.length > 0) return writers;
    if (!(await turnOn(openFreezer, session, deadline))) {
      const holders = await lockHolders(session);
      return holders.length > 0
        ? holders
        : [{ key: '', description: 'somebody held locks, and has just released them' }];
    }
  }
  const left = await waitForWriters(
    () => openWriters(session),
    Math.min(deadline, Date.now() + LOCK_WAIT_SECONDS * 1000),
  );
  if (left.length > 0) await unfreeze(session, found);
  return left;
}

/** Answers whether the source is read-only now; false when the global read lock was not given in time. */
async function turnOn(openFreezer: OpenSession, { server }: Session, deadline: number): Promise<boolean> {
  await using freezer = await openFreezer();
  const seconds = Math.min(LOCK_WAIT_SECONDS, Math.max(1, Math.ceil((deadline - Date.now()) / 1000)));
  await freezer.query(`SET SESSION lock_wait_timeout = ${seconds}`);
  try {
    await freezer.query(`SET GLOBAL ${server.flavour === 'mysql' ? 'super_read_only' : 'read_only'} = ON ${MARK}`);
    return true;
  } catch (error) {
    if (errorNumber(error) === LOCK_WAIT_TIMEOUT) return false;
    throw error;
  }
}

/** What puts the settings back, also by hand. */
export function settingBack(found: FreezeSettings): string {
  const assignments = Object.entries(found)
    .filter(([, value]) => /^\w+$/.test(value))
    // super_read_only first: it implies read_only.
    .sort(([a], [b]) => (a > b ? -1 : 1))
    .map(([name, value]) => `GLOBAL ${name} = ${value}`);
  return `SET ${assignments.join(', ')}`;
}

/**
 * Puts the settings back as found, and stays until they hold: an attempt whose worker died may still wait for its lock,
 * and would turn the freeze on again behind our back. A source found read-only is left alone.
 */
export async function unfreeze(session: Session, found: FreezeSettings): Promise<void> {
  if (isFrozen(found)) return;
  const deadline = Date.now() + UNDO_TIMEOUT_MS;
  for (;;) {
    await endForgottenAttempts(session);
    await session.query(settingBack(found));
    const settings = await readFreezeSettings(session);
    const restored = Object.entries(found).every(([name, value]) => settings[name] === value);
    if (restored && (await forgottenAttempts(session)).length === 0) return;
    if (Date.now() >= deadline) {
      throw new MigrationError(
        'SERVER_BUSY',
        `connection "${session.name}": the source stays read-only: somebody else turns it on again`,
      );
    }
    await delay(POLL_MS);
  }
}

/**
 * read_only is on, which a login with CONNECTION_ADMIN (MariaDB: READ_ONLY ADMIN) passes; only super_read_only stops it,
 * too. A restart of the server has turned read_only off, unless its option file says otherwise: then it is turned on
 * again. Errors: SERVER_BUSY while somebody's open transaction holds that up.
 */
export async function admitOwnWrites(session: Session, openFreezer: OpenSession): Promise<void> {
  const settings = await readFreezeSettings(session);
  if ((settings['super_read_only'] ?? 'OFF') !== 'OFF') await session.query('SET GLOBAL super_read_only = OFF');
  if ((settings['read_only'] ?? 'OFF') !== 'OFF') return;
  await using freezer = await openFreezer();
  await freezer.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  await freezer.query(`SET GLOBAL read_only = ON ${MARK}`);
}

async function endForgottenAttempts(session: Session): Promise<void> {
  for (const id of await forgottenAttempts(session)) await endSession(session, id);
}

/** Sessions that are turning the freeze on. No other attempt of ours is alive: the caller is the only one. */
async function forgottenAttempts(session: Session): Promise<string[]> {
  const others = await otherSessions(session);
  return others.filter(({ statement }) => statement?.endsWith(MARK) === true).map(({ id }) => id);
}

/**
 * Holds when nothing can have been written since: the binary log stands where it stood; or, without a binary log, the
 * server is in the same life. Either way it must be read-only now. Errors: FREEZE_LOST.
 */
export async function checkFrozen(session: Session, state: FreezeState): Promise<void> {
  const lost = (why: string): MigrationError =>
    new MigrationError('FREEZE_LOST', `connection "${session.name}": the source did not stay read-only: ${why}`);
  if (!isFrozen(await readFreezeSettings(session))) throw lost('it is writable now');
  const position = await readPosition(session);
  if (position.kind === 'none' || state.position.kind === 'none') {
    if ((await serverLife(session)) === state.serverLife) return;
    throw lost('it was restarted, and has no binary log that would tell what was written');
  }
  if (samePosition(position, state.position)) return;
  throw lost(`its binary log went on from ${JSON.stringify(state.position)} to ${JSON.stringify(position)}`);
}
