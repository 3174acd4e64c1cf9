import type { LocalServer } from './localServer';
import type { DatabaseServer } from './types';

/** The administrator of every database server that is started here. */
export const ADMIN = 'admin';

/** Adds the connection URLs to a started server. */
export function asDatabaseServer(server: LocalServer, scheme: string, adminPassword: string): DatabaseServer {
  const url = (database = '', user = ADMIN, password = adminPassword): string => {
    const account = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
    return `${scheme}://${account}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
  };
  return Object.assign(server, { url });
}
