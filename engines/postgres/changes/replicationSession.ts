import type { DatabaseSettings } from '../../../domain/connection';
import { connect, type PostgresSession } from '../connection';
import { text } from '../control/decode';

/** A session that speaks the replication protocol, and the server as positions name it. */
export interface ReplicationSession extends AsyncDisposable {
  readonly session: PostgresSession;
  /** System identifier, database and timeline. */
  readonly server: string;
}

/**
 * Opens one. Its settings are pinned as any session's, so that the output plugin spells values as a SELECT does. Errors:
 * PRIVILEGE_MISSING without the attribute REPLICATION; those of a connection.
 */
export async function openReplication(settings: DatabaseSettings): Promise<ReplicationSession> {
  const session = await connect(settings, { replication: true });
  try {
    const [row] = await session.query('IDENTIFY_SYSTEM');
    const [system, timeline, , database] = row ?? [];
    return {
      session,
      server: `${text(system)}/${text(database)}/${text(timeline)}`,
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
