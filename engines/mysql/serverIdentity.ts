import { createHash } from 'node:crypto';
import type { ServerIdentity } from '../engine';
import type { Session } from './session';

/** What tells this server from every other one. MariaDB has had an id of its own only since 10.6.19 and 10.11.9. */
export async function serverId(session: Session): Promise<string> {
  if (session.server.flavour === 'mysql') {
    const [row] = await session.query('SELECT @@server_uuid');
    return row?.[0] ?? '';
  }
  const rows = await session.show(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uid', 'hostname', 'port', 'datadir', 'server_id')",
  );
  const variables = Object.fromEntries(rows.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? '']));
  return variables['server_uid'] ?? hash(['hostname', 'port', 'datadir', 'server_id'].map((name) => variables[name]));
}

export async function identity(session: Session): Promise<ServerIdentity> {
  const [row] = await session.query('SELECT DATABASE()');
  return { version: session.server.name, id: hash([await serverId(session), row?.[0]]) };
}

/**
 * Identifies this life of the server by the second it started in. Uptime counts from then to the start of the statement,
 * so the difference is the same for every statement of that life, even when the clock is set.
 */
export async function serverLife(session: Session): Promise<string> {
  const status =
    session.server.flavour === 'mysql' ? 'performance_schema.global_status' : 'information_schema.GLOBAL_STATUS';
  const [row] = await session.query(
    `SELECT UNIX_TIMESTAMP() - VARIABLE_VALUE FROM ${status} WHERE VARIABLE_NAME = 'Uptime'`,
  );
  return `${await serverId(session)}/${Math.round(Number(row?.[0]))}`;
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
