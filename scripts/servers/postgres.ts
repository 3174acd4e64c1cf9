import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { startLocalServer, type LocalServer } from './localServer';
import { findPostgres } from './programs';
import { run } from './run';
import { giveTo, reachable, serverUser } from './serverUser';
import { installTlsFiles } from './tls';
import type { DatabaseOptions, DatabaseServer } from './types';
import { ADMIN, asDatabaseServer } from './url';
import { POSTGRES_INITDB_OPTIONS, POSTGRES_VERSION, SETTINGS, TEST_SETTINGS, type PostgresVersion } from './versions';

/** Starts a PostgreSQL with the tests' settings, version 18 unless another is named. Its administrator is a superuser. */
export async function startPostgres(
  options: DatabaseOptions & { readonly version?: PostgresVersion } = {},
): Promise<DatabaseServer> {
  const user = await serverUser();
  const program = await reachable(await findPostgres(options.version ?? POSTGRES_VERSION), user);
  const password = randomBytes(12).toString('hex');
  const tls = { ssl: 'on', ssl_ca_file: '../ca.pem', ssl_cert_file: '../cert.pem', ssl_key_file: '../key.pem' };
  const settings = {
    ...SETTINGS.postgres,
    ...TEST_SETTINGS.postgres,
    ...(options.tls === undefined ? {} : tls),
    ...options.settings,
  };
  const server: LocalServer = await startLocalServer({
    kind: 'postgres',
    program,
    user,
    // A fast shutdown: sessions are ended, what is committed is kept.
    stopSignal: 'SIGINT',
    prepare: async (folder) => {
      const passwordFile = join(folder, 'password');
      await writeFile(passwordFile, password, { mode: 0o600 });
      await giveTo(user, passwordFile);
      await installTlsFiles(options.tls, folder, user);
      const accounts = [`--username=${ADMIN}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
      const args = [`--pgdata=${join(folder, 'data')}`, ...accounts, ...POSTGRES_INITDB_OPTIONS, '--no-sync'];
      await run(join(dirname(program), 'initdb'), args, { cwd: folder, ...user });
      await rm(passwordFile);
    },
    args: (folder, port) => [
      ...['-D', join(folder, 'data'), '-p', String(port), '-k', folder, '-h', '127.0.0.1'],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    answers: async (port) => {
      const client = new Client({ host: '127.0.0.1', port, user: ADMIN, password, database: 'postgres' });
      await client.connect();
      await client.end();
    },
  });
  return asDatabaseServer(server, 'postgres', password);
}
