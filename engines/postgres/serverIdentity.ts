import type { ServerIdentity } from '../engine';
import type { PostgresSession } from './connection';
import { integer, text } from './control/decode';

export interface ServerFacts {
  readonly identity: ServerIdentity;
  /** E.g. 18. */
  readonly majorVersion: number;
}

/** Asks the server who it is. A cluster keeps its system identifier from initdb on; its databases have names. */
export async function readServer(session: PostgresSession): Promise<ServerFacts> {
  const [row] = await session.query(
    `select current_setting('server_version'), current_setting('server_version_num'),
       (select system_identifier from pg_control_system()), current_database()`,
  );
  // Packagers add words of their own behind the number.
  const version = text(row?.[0]).split(' ')[0] ?? '';
  return {
    identity: { version: `PostgreSQL ${version}`, id: `${text(row?.[2])}/${text(row?.[3])}` },
    majorVersion: Math.floor(integer(row?.[1]) / 10_000),
  };
}
