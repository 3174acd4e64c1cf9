import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../domain/errors';
import type { Position } from '../../domain/position';
import { statusPosition, snapshotPosition } from './binlog/start';
import { errorNumber } from './errors';
import { quoteName } from './quote';
import { serverId } from './serverIdentity';
import type { Session } from './session';

/** How long one wait for the table lasts, during which others that would write it wait, too; in seconds. */
const LOCK_WAIT_SECONDS = 2;
/** They have the table to themselves for so long between two waits. */
const PAUSE_MS = 500;
const LOCK_WAIT_TIMEOUT = 1205;

/**
 * Has `reader` read a table as of one moment, and answers where the log stands at it: for this table the two belong
 * together. MySQL says so only of a table that nobody writes, so `locker` holds it for that moment; whoever has written
 * it is waited for until then, because his transaction may be in the log and not in the table yet. Errors: SERVER_BUSY
 * when transactions keep the table for longer than the patience; PRIVILEGE_MISSING without LOCK TABLES or BACKUP_ADMIN
 * (MySQL); POSITION_LOST where the server does not tell its log's place.
 */
export async function beginPlaced(
  reader: Session,
  openLocker: () => Promise<Session>,
  table: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Position> {
  const server = await serverId(reader);
  if (reader.server.flavour === 'mariadb') return snapshotPosition(reader, server);
  await using locker = await openLocker();
  await lock(locker, table, patienceMs, signal);
  const position = await statusPosition(reader, server);
  await reader.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  // A session that was ended before this has lost its lock too early; then this fails.
  await locker.query('UNLOCK TABLES');
  return position;
}

async function lock(locker: Session, table: string, patienceMs: number, signal: AbortSignal): Promise<void> {
  await locker.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  for (const giveUpAt = Date.now() + patienceMs; ;) {
    try {
      await locker.query(`LOCK TABLES ${quoteName(table)} READ`, signal);
      return;
    } catch (error) {
      if (errorNumber(error) !== LOCK_WAIT_TIMEOUT) throw error;
      if (Date.now() < giveUpAt) {
        await delay(PAUSE_MS, undefined, { signal });
        continue;
      }
      throw new MigrationError(
        'SERVER_BUSY',
        `connection "${locker.name}": transactions that write ${quoteName(table)} do not end, and it has no key: it is read between two of them; it is tried again`,
        { cause: error },
      );
    }
  }
}
