import { errorNumber } from './errors';
import type { Session } from './session';

const NO_SUCH_THREAD = 1094;

/** Ends another session of the server, if it is still there. */
export async function endSession(session: Session, id: string): Promise<void> {
  try {
    await session.query(`KILL ${id}`);
  } catch (error) {
    if (errorNumber(error) !== NO_SUCH_THREAD) throw error;
  }
}
