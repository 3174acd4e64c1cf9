import { MigrationError } from '../../../domain/errors';
import type { RunWork } from '../../engine';
import type { PostgresSession } from '../connection';
import { integer, text } from './decode';

/** How long one wait for an ended backend, or for the run's row, lasts before it is looked at again. */
const ROUND_MS = 2_000;
/** A backend that outlives this many rounds hangs in the kernel; the activity is better tried again. */
const ROUNDS = 30;

/**
 * Holds off a change of the run's epoch until this transaction ends; EPOCH_STALE when it has changed already. The
 * first statement of every transaction that writes for a run. A key share, so that the run's state and pace, which are
 * no part of its key, can change meanwhile; raising the epoch asks for the one lock that excludes it.
 */
export async function fence(session: PostgresSession, work: Pick<RunWork, 'runId' | 'epoch'>): Promise<void> {
  const [row] = await session.query(`select epoch from temporal_migrate.runs where run_id = $1 for key share`, [
    work.runId,
  ]);
  if (row === undefined) {
    throw new MigrationError('EPOCH_STALE', `run ${work.runId} is unknown on connection "${session.name}"`);
  }
  const epoch = integer(row[0]);
  if (epoch !== work.epoch) {
    const told = `the work began in epoch ${work.epoch} of run ${work.runId}, which is in epoch ${epoch} now`;
    throw new MigrationError('EPOCH_STALE', `${told}: it has been undone, and nothing of it may be written any more`);
  }
}

/**
 * Makes this session the lane's only one: ends the backend of the lane's earlier attempt, waits until it is gone,
 * and registers its own, in a transaction of its own.
 */
export async function takeLane(session: PostgresSession, work: RunWork): Promise<void> {
  const { pid, start } = session.backend;
  await session.transaction(async () => {
    await fence(session, work);
    await session.query(
      `insert into temporal_migrate.lanes (run_id, lane, backend_pid, backend_start) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [work.runId, work.lane, pid, start],
    );
    // The row's lock makes attempts that start at once take their turns.
    await session.query(`select 1 from temporal_migrate.lanes where run_id = $1 and lane = $2 for update`, [
      work.runId,
      work.lane,
    ]);
    await endBackends(session, work.runId, work.lane);
    await session.query(
      `update temporal_migrate.lanes set backend_pid = $3, backend_start = $4 where run_id = $1 and lane = $2`,
      [work.runId, work.lane, pid, start],
    );
  });
}

/** Gives up the lane, unless a later attempt has taken it; what it told of itself counts no more without it. */
export async function leaveLane(session: PostgresSession, work: RunWork): Promise<void> {
  const { pid, start } = session.backend;
  await session.query(
    `delete from temporal_migrate.lanes
     where run_id = $1 and lane = $2 and backend_pid = $3 and backend_start = $4`,
    [work.runId, work.lane, pid, start],
  );
}

/** Gives up the lane and ends its session. */
export async function closeLane(session: PostgresSession, work: RunWork): Promise<void> {
  try {
    await leaveLane(session, work);
  } catch {
    // The row left behind names a server process that ends now, which whoever reads it checks.
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** Ends every lane's backend of the run and raises its epoch; answers the new one. */
export async function raiseEpoch(session: PostgresSession, runId: string): Promise<number> {
  for (let round = 1; ; round++) {
    await endBackends(session, runId, null);
    try {
      return await session.transaction(
        async () => {
          await session.query(`select 1 from temporal_migrate.runs where run_id = $1 for update`, [runId]);
          const [row] = await session.query(
            `update temporal_migrate.runs set epoch = epoch + 1 where run_id = $1 returning epoch`,
            [runId],
          );
          await session.query(`delete from temporal_migrate.lanes where run_id = $1`, [runId]);
          return integer(row?.[0]);
        },
        { lockTimeoutMs: ROUND_MS },
      );
    } catch (error) {
      // A lane that registered after the round began holds the row: the next round ends it too.
      if (!(error instanceof MigrationError && error.code === 'SERVER_BUSY') || round === ROUNDS) throw error;
    }
  }
}

/** Ends the registered backends of a lane, or of all (null), but never our own, and waits until they are gone. */
async function endBackends(session: PostgresSession, runId: string, lane: string | null): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    // Within a transaction pg_stat_activity keeps the picture of its first use.
    await session.query('select pg_stat_clear_snapshot()');
    // pg_terminate_backend with a timeout answers once the process is gone, or false when the time is up.
    const alive = await session.query(
      `select pid, pg_terminate_backend(pid, ${ROUND_MS}) from pg_catalog.pg_stat_activity
       join temporal_migrate.lanes on pid = backend_pid and pg_stat_activity.backend_start = lanes.backend_start
       where run_id = $1 and ($2::text is null or lane = $2) and pid <> pg_backend_pid()`,
      [runId, lane],
    );
    if (alive.every(([, ended]) => text(ended) === 't')) return;
  }
  throw new MigrationError(
    'SERVER_BUSY',
    `an earlier attempt's server process does not end on connection "${session.name}", lane ${lane ?? '(all)'} of run ${runId}; it is tried again`,
  );
}
