import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseSettings } from '../../../domain/connection';
import { MigrationError } from '../../../domain/errors';
import { connect, type PostgresSession } from '../connection';
import { text } from '../control/decode';
import { quoteName } from '../quote';
import { positionAt, type LsnPosition } from './position';
import { openReplication } from './replicationSession';
import { describeWaits, readSlot, soundSlot } from './slot';
import { walError } from './walError';

/** Between two looks for transactions that were open. */
const LOOK_MS = 200;

/**
 * Makes the slot, unless there is one, and answers where it begins. From there on every change is told that a SELECT
 * does not see which begins later: a transaction may have left its commit record before that place, and still be
 * invisible, so it waits until every one has ended that is open now. Making the slot waits for the transactions of all
 * databases. Errors: SERVER_BUSY when that takes longer than the patience, with who is waited for; POSITION_LOST for a
 * slot that is lost, or a server without wal_level = logical; PRIVILEGE_MISSING.
 */
export async function startSlot(settings: DatabaseSettings, name: string, patienceMs: number): Promise<LsnPosition> {
  await using session = await connect(settings);
  await using replication = await openReplication(settings);
  const deadline = Date.now() + patienceMs;
  if ((await readSlot(session, name)) === null) await createSlot(session, replication.session, name, patienceMs);
  const { confirmed } = await soundSlot(session, name);
  await openTransactionsEnd(session, deadline);
  return positionAt(replication.server, confirmed);
}

async function createSlot(
  session: PostgresSession,
  replication: PostgresSession,
  name: string,
  patienceMs: number,
): Promise<void> {
  const patience = AbortSignal.timeout(patienceMs);
  const sql = `CREATE_REPLICATION_SLOT ${quoteName(name)} LOGICAL pgoutput NOEXPORT_SNAPSHOT`;
  try {
    // Given up, the server removes what there is of it.
    await replication.query(sql, [], patience);
  } catch (error) {
    throw patience.aborted ? await waitsFor(session) : walError(error, replication.name);
  }
}

async function openTransactionsEnd(session: PostgresSession, deadline: number): Promise<void> {
  const [row] = await session.query('select pg_snapshot_xmax(pg_current_snapshot())');
  const next = text(row?.[0]);
  for (;;) {
    const [ended] = await session.query('select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8', [next]);
    if (ended?.[0] === 't') return;
    if (Date.now() >= deadline) throw await waitsFor(session);
    await delay(LOOK_MS);
  }
}

async function waitsFor(session: PostgresSession): Promise<MigrationError> {
  const named = await describeWaits(session);
  const waits = named.length > 0 ? named : ['others are, which this login may not see (grant it pg_read_all_stats)'];
  return new MigrationError(
    'SERVER_BUSY',
    `connection "${session.name}": the change log begins where no transaction is open; ${waits.join('; ')}: end these, then try again`,
  );
}
