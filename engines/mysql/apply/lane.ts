import { MigrationError } from '../../../domain/errors';
import { endSession } from '../endSession';
import { quoteText } from '../quote';
import type { Session } from '../session';
import { streamId, type StreamKey } from './control';

/** How long one wait for an ended session lasts, in seconds, and how many there are. */
const ROUND_SECONDS = 2;
const ROUNDS = 30;

/** Names of locks have 64 characters at most. */
function lockName(key: StreamKey): string {
  return `temporal_migrate ${streamId(key).slice(0, 40)}`;
}

/**
 * Makes this session the only one that works for a stream, until it ends: whoever does now is ended, and has given back
 * what was not committed before this returns. A lock of the server's that lives as long as its session says who it is, so
 * no other session can be taken for it. Errors: SERVER_BUSY.
 */
export async function takeLane(session: Session, key: StreamKey): Promise<void> {
  const name = quoteText(lockName(key));
  for (let round = 0; round <= ROUNDS; round++) {
    // The first question waits for nobody.
    const patience = round === 0 ? 0 : ROUND_SECONDS;
    const [taken] = await session.query(`SELECT GET_LOCK(${name}, ${patience})`);
    if (taken?.[0] === '1') return;
    const [holder] = await session.query(`SELECT IS_USED_LOCK(${name})`);
    const id = holder?.[0] ?? null;
    if (id !== null) await endSession(session, id);
  }
  throw new MigrationError(
    'SERVER_BUSY',
    `an earlier attempt's session does not end on connection "${session.name}", stream ${key.stream} of run ${key.runId}; it is tried again`,
  );
}
