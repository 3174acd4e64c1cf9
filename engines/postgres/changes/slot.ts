import { MigrationError } from '../../../domain/errors';
import type { PostgresSession } from '../connection';
import { integer, text } from '../control/decode';
import { serverError } from '../errors';
import { parseLsn, type Lsn } from './lsn';

/** What the server says of a slot. */
export interface Slot {
  /** Everything before it may be forgotten by the server: it was confirmed. */
  readonly confirmed: Lsn;
  /** Bytes of the log that the server keeps for it, and cannot give back to the disk. */
  readonly heldBytes: bigint;
  /** Bytes that may still be written before the slot is given up; null where the server sets no such limit. */
  readonly safeBytes: bigint | null;
  readonly isLost: boolean;
  /** The process that reads from it now. */
  readonly readerPid: number | null;
}

const SLOT = `select confirmed_flush_lsn, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint, safe_wal_size,
    wal_status = 'lost' or confirmed_flush_lsn is null, active_pid
  from pg_catalog.pg_replication_slots
  where slot_name = $1 and slot_type = 'logical' and database = current_database()`;

/** Null when there is no such slot of this database. */
export async function readSlot(session: PostgresSession, name: string): Promise<Slot | null> {
  const [row] = await session.query(SLOT, [name]);
  if (row === undefined) return null;
  const [confirmed, held, safe, lost, pid] = row;
  return {
    confirmed: parseLsn(confirmed ?? '0/0'),
    heldBytes: BigInt(held ?? '0'),
    safeBytes: safe === null || safe === undefined ? null : BigInt(safe),
    isLost: lost === 't',
    readerPid: pid === null || pid === undefined ? null : integer(pid),
  };
}

/**
 * The slot, as long as the log can be read from it. Errors: POSITION_LOST when there is none, or the server has given
 * it up: what it would have told is gone, and a new one would hide that.
 */
export async function soundSlot(session: PostgresSession, name: string): Promise<Slot> {
  const slot = await readSlot(session, name);
  if (slot === null) throw lost(session, `there is no replication slot ${name}`);
  if (slot.isLost) throw lost(session, `the server has given up the replication slot ${name}`);
  return slot;
}

const UNDEFINED_OBJECT = '42704';
const OBJECT_IN_USE = '55006';
/** How long one wait for an ended process lasts, and how many there are. */
const ROUND_MS = 2_000;
const ROUNDS = 30;

/** Ends whoever reads from the slot, and waits until they are gone: an earlier attempt, whose end was not noticed yet. */
export async function endReader(session: PostgresSession, name: string): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const [row] = await session.query(
      `select pg_terminate_backend(active_pid, ${ROUND_MS}) from pg_catalog.pg_replication_slots
       where slot_name = $1 and active_pid is not null`,
      [name],
    );
    if (row === undefined) return;
  }
  throw new MigrationError(
    'SERVER_BUSY',
    `connection "${session.name}": the process that reads from the replication slot ${name} does not end`,
  );
}

/** Removes the slot, also while it is read from; nothing when there is none. */
export async function dropSlot(session: PostgresSession, name: string): Promise<void> {
  for (let round = 1; ; round++) {
    await endReader(session, name);
    try {
      await session.query('select pg_drop_replication_slot($1)', [name]);
      return;
    } catch (error) {
      const state = serverError(error)?.code;
      if (state === UNDEFINED_OBJECT) return;
      // A reader came between.
      if (state !== OBJECT_IN_USE || round === ROUNDS) throw error;
    }
  }
}

/** The transactions that a slot in the making, or a position, may wait for, each in words; at most ten. */
export async function describeWaits(session: PostgresSession): Promise<string[]> {
  const rows = await session.query(
    `select concat('process ', pid, ' of ', coalesce(usename, '?'), ' in ', coalesce(datname, '?'), ', in a transaction since ',
        date_trunc('second', xact_start))
     from pg_catalog.pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
     union all
     select concat('prepared transaction ', gid, ' of ', owner, ' in ', database) from pg_catalog.pg_prepared_xacts
     limit 10`,
  );
  return rows.map(([words]) => text(words));
}

export function lost({ name }: PostgresSession, why: string): MigrationError {
  return new MigrationError('POSITION_LOST', `connection "${name}": ${why}`, { details: { connection: name } });
}
