import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSettings } from '../domain/connection';
import { connectionVariable } from '../domain/connectionName';
import { parseDatabaseUrl } from '../domain/connectionUrl';
import { MigrationError } from '../domain/errors';
import type { BackupPrograms } from '../engines/engine';

/** What the worker's machine lets a migration use. Read from the worker's own environment, never from an input. */
export interface WorkerEnvironment {
  /** Errors: CONNECTION_UNKNOWN, CONNECTION_INVALID. */
  connection(name: string): DatabaseSettings;
  /** Names of every connection that is configured. */
  connectionNames(): string[];
  /** Absolute folders that reports and `file` switches may write under; reports go to the first. */
  readonly fileRoots: readonly string[];
  /** `host` or `host:port` that HTTP calls may go to. */
  readonly httpHosts: readonly string[];
  /** Sockets of HAProxy's runtime API, each a path or `host:port`, that `haproxy` switches may speak to. */
  readonly haproxySockets: readonly string[];
  /** For backups of a target that is not empty. */
  readonly backupPrograms: BackupPrograms;
}

const VARIABLE = /^MIGRATION_CONNECTION_([A-Z][A-Z0-9_]*?)(_FILE)?$/;

/** `connections` given in code take precedence over the environment's of the same name. */
export function readEnvironment(
  env: NodeJS.ProcessEnv,
  connections: Readonly<Record<string, string>> = {},
): WorkerEnvironment {
  const given = new Map(Object.entries(connections).map(([name, url]) => [connectionVariable(name), url]));
  const urlOf = (name: string): string => {
    const variable = connectionVariable(name);
    const [inCode, own, file] = [given.get(variable), env[variable], env[`${variable}_FILE`]];
    // Compose files and charts set a variable they have no value for to nothing.
    if (inCode === undefined && own && file) {
      const message = `connection "${name}": both ${variable} and ${variable}_FILE are set: unset one of them`;
      throw new MigrationError('CONNECTION_INVALID', message);
    }
    const url = inCode ?? (own ? own : file ? readSecretFile(name, file) : own);
    if (url?.trim() === '') {
      const message = `connection "${name}": ${file ? `the file that ${variable}_FILE names` : variable} is empty: it must hold the URL`;
      throw new MigrationError('CONNECTION_INVALID', message);
    }
    if (url !== undefined) return url;
    throw new MigrationError(
      'CONNECTION_UNKNOWN',
      `the worker knows no connection "${name}": set ${variable}, or ${variable}_FILE, and start it again`,
    );
  };
  return {
    connection: (name) => parseDatabaseUrl(name, urlOf(name)),
    connectionNames: () => {
      const variables = [...given.keys(), ...Object.keys(env).filter((key) => env[key] !== '')];
      const names = variables.flatMap((variable) => VARIABLE.exec(variable)?.[1] ?? []);
      return [...new Set(names)].map((name) => name.toLowerCase());
    },
    fileRoots: listOf(env['MIGRATION_FILE_ROOTS'] ?? 'reports').map((root) => path.resolve(root)),
    httpHosts: listOf(env['MIGRATION_HTTP_HOSTS'] ?? ''),
    haproxySockets: listOf(env['MIGRATION_HAPROXY_SOCKETS'] ?? ''),
    backupPrograms: {
      dump: env['MIGRATION_PG_DUMP'] ?? null,
      restore: env['MIGRATION_PG_RESTORE'] ?? null,
      searchPath: env['PATH'] ?? '',
    },
  };
}

function readSecretFile(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new MigrationError(
      'CONNECTION_INVALID',
      `connection "${name}": the file ${connectionVariable(name)}_FILE names cannot be read (${reason})`,
    );
  }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
