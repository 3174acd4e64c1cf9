import type { Session } from './session';

/** Another session of the server. */
export interface ConnectedSession {
  /** The server's number of it. */
  readonly id: string;
  readonly user: string;
  /** The database it uses; null when it uses none. */
  readonly database: string | null;
  /** What kind of command it is at, e.g. `Query`, or `Sleep` between two. */
  readonly command: string;
  /** For how long it has been at that. */
  readonly seconds: string;
  /** What it is running, whole; null between two statements. */
  readonly statement: string | null;
}

/**
 * Every session but this one; without the PROCESS privilege only those of the same user. Not out of information_schema's
 * table of the same name: in MySQL 9 reading that fails while anybody runs a statement with a character that utf8mb3
 * does not have (error 3854).
 */
export async function otherSessions(session: Session): Promise<ConnectedSession[]> {
  const rows = await session.show('SHOW FULL PROCESSLIST');
  return rows
    .map((row) => ({
      id: row['Id'] ?? '',
      user: row['User'] ?? '',
      database: row['db'] ?? null,
      command: row['Command'] ?? '',
      seconds: row['Time'] ?? '0',
      statement: row['Info'] ?? null,
    }))
    .filter(({ id }) => id !== session.id);
}
