import { z } from 'zod';
import type { DatabaseSettings } from './connection';
import { connectionVariable } from './connectionName';
import { MigrationError } from './errors';

const ENGINES = {
  'mysql:': { engine: 'mysql', port: 3306 },
  'mariadb:': { engine: 'mariadb', port: 3306 },
  'postgres:': { engine: 'postgres', port: 5432 },
  'postgresql:': { engine: 'postgres', port: 5432 },
} as const;

const tlsModeSchema = z.enum(['disable', 'prefer', 'require', 'verify-ca', 'verify-full']);
const KNOWN_PARAMETERS = ['ssl', 'sslca'];

/**
 * Reads `mysql://user:password@host:port/db?ssl=…&sslca=…` and its kin; each part is percent-encoded. Errors:
 * CONNECTION_INVALID, naming the variable and never repeating any part of the URL but the offending parameter's name.
 */
export function parseDatabaseUrl(name: string, given: string): DatabaseSettings {
  const invalid = (what: string): MigrationError =>
    new MigrationError('CONNECTION_INVALID', `connection "${name}": ${connectionVariable(name)} ${what}`);
  const url = URL.canParse(given.trim()) ? new URL(given.trim()) : null;
  if (url === null) throw invalid('is not a URL: percent-encode "@", ":", "/", "#" and "%" inside its parts');
  const known = Object.entries(ENGINES).find(([scheme]) => scheme === url.protocol)?.[1];
  if (known === undefined)
    throw invalid(`has the scheme "${url.protocol}": a database is mysql:, mariadb: or postgres:`);
  const part = (raw: string, what: string): string => {
    try {
      return decodeURIComponent(raw);
    } catch {
      throw invalid(`has a ${what} that is not percent-encoded`);
    }
  };
  const host = part(url.hostname, 'host').replace(/^\[|\]$/g, '');
  const database = part(url.pathname.slice(1), 'database name');
  const user = part(url.username, 'user name');
  if (host === '') throw invalid('names no host');
  if (user === '') throw invalid('names no user');
  if (database === '') throw invalid('names no database: add /name');
  const unknown = [...url.searchParams.keys()].find((key) => !KNOWN_PARAMETERS.includes(key));
  if (unknown !== undefined)
    throw invalid(`has the parameter "${unknown}"; known are ${KNOWN_PARAMETERS.join(' and ')}`);
  const mode = tlsModeSchema.safeParse(url.searchParams.get('ssl') ?? 'prefer');
  if (!mode.success) throw invalid(`has another ssl mode than ${tlsModeSchema.options.join(', ')}`);
  return {
    name,
    engine: known.engine,
    host,
    port: url.port === '' ? known.port : Number(url.port),
    user,
    password: part(url.password, 'password'),
    database,
    tls: { mode: mode.data, ca: url.searchParams.get('sslca') },
  };
}
