import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { cached } from './cache';
import { startLocalServer, type LocalServer } from './localServer';
import { findProgram } from './programs';
import { run } from './run';
import { giveTo, reachable, serverUser, type User } from './serverUser';
import { installTlsFiles } from './tls';
import type { DatabaseOptions, DatabaseServer } from './types';
import { SETTINGS, TEST_SETTINGS } from './versions';
import { ADMIN, asDatabaseServer } from './url';

type Flavour = 'mysql' | 'mariadb';

/** Starts a MySQL 9.7 with the tests' settings, its administrator able to log in by TCP. */
export function startMysql(options: DatabaseOptions = {}): Promise<DatabaseServer> {
  return start('mysql', options);
}

/** Starts a MariaDB 10.11 with the tests' settings, its administrator able to log in by TCP. */
export function startMariadb(options: DatabaseOptions = {}): Promise<DatabaseServer> {
  return start('mariadb', options);
}

async function start(kind: Flavour, options: DatabaseOptions): Promise<DatabaseServer> {
  const user = await serverUser();
  const program = await reachable(await findProgram(kind === 'mysql' ? 'mysqld' : 'mariadbd'), user);
  const password = randomBytes(12).toString('hex');
  const settings = { ...SETTINGS[kind], ...TEST_SETTINGS[kind], ...options.settings };
  const server: LocalServer = await startLocalServer({
    kind,
    program,
    user,
    stopSignal: 'SIGTERM',
    prepare: async (folder) => {
      await installTlsFiles(options.tls, folder, user);
      await layDataDown({ kind, program, folder, user });
      await writeFile(administrator(folder), adminStatements(password), { mode: 0o600 });
      await giveTo(user, administrator(folder));
    },
    args: (folder, port) => [
      ...programArgs(program, folder),
      ...(existsSync(administrator(folder)) ? [`--init-file=${administrator(folder)}`] : []),
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
      ...(kind === 'mysql' ? ['--mysqlx=OFF'] : []),
      ...(options.tls === undefined ? [] : tlsArgs(folder)),
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--socket=${join(folder, 'mysql.sock')}`,
      `--pid-file=${join(folder, 'data', 'server.pid')}`,
      '--secure-file-priv=',
    ],
    answers: async (port) => {
      const connection = await createConnection({ host: '127.0.0.1', port, user: ADMIN, password });
      await connection.end();
    },
  });
  // The account is made by the first start alone: what a test does to it later is the test's own.
  await rm(administrator(server.folder));
  return asDatabaseServer(server, kind, password);
}

/** The statements that the first start runs. */
function administrator(folder: string): string {
  return join(folder, 'admin.sql');
}

/** What folders and scripts are called; MariaDB has its own name for them since 11. */
const SHARED_NAMES = ['mysql', 'mariadb'];

/** Where an unpacked server finds its own files; an installed one knows. */
function programArgs(program: string, folder: string): string[] {
  const usr = join(dirname(dirname(program)), 'usr');
  const shared = SHARED_NAMES.map((name) => join(usr, 'share', name)).find((path) => existsSync(path));
  const own = shared
    ? [
        `--basedir=${usr}`,
        `--lc-messages-dir=${shared}`,
        `--character-sets-dir=${join(shared, 'charsets')}`,
        `--plugin-dir=${join(usr, 'lib', 'mysql', 'plugin')}`,
      ]
    : [];
  return ['--no-defaults', ...own, `--datadir=${join(folder, 'data')}`, `--tmpdir=${folder}`];
}

function tlsArgs(folder: string): string[] {
  return ['ca', 'cert', 'key'].map((name) => `--ssl-${name}=${join(folder, `${name}.pem`)}`);
}

/** The administrator's account, one statement a line; not for the binary log, whose beginning is the tests' own. */
function adminStatements(password: string): string {
  return [
    'SET SESSION sql_log_bin = 0;',
    `CREATE USER '${ADMIN}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${ADMIN}'@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}

interface DataFolder {
  readonly kind: Flavour;
  readonly program: string;
  readonly folder: string;
  readonly user: User | undefined;
}

/** A server's data as it is before anybody has used it: a copy of the cache's, because to make it takes seconds. */
async function layDataDown({ kind, program, folder, user }: DataFolder): Promise<void> {
  const version = await run(program, ['--no-defaults', '--version']);
  const name = `${kind}-data-${createHash('sha256').update(version).digest('hex').slice(0, 12)}`;
  const data = join(folder, 'data');
  const kept = await cached(name, async (partial) => {
    await mkdir(data);
    await giveTo(user, data);
    await (kind === 'mysql' ? initialiseMysql : initialiseMariadb)({ kind, program, folder, user });
    // Every server has an identity of its own, which it makes when it finds none.
    await rm(join(data, 'auto.cnf'), { force: true });
    await run('cp', ['-R', data, partial]);
    await rm(data, { recursive: true });
  });
  await run('cp', ['-R', join(kept, 'data'), data]);
  if (user !== undefined) await run('chown', ['-R', `${user.uid}:${user.gid}`, data]);
}

async function initialiseMysql({ program, folder, user }: DataFolder): Promise<void> {
  await run(program, [...programArgs(program, folder), '--initialize-insecure'], { cwd: folder, ...user });
}

/** What mariadb-install-db does, which is a script that expects an installed server: the system tables' statements. */
async function initialiseMariadb({ program, folder, user }: DataFolder): Promise<void> {
  const root = dirname(dirname(program));
  const shared = [join(root, 'usr', 'share'), join(root, 'share')].flatMap((folder) =>
    SHARED_NAMES.map((name) => join(folder, name)),
  );
  const prefix = shared
    .flatMap((path) => SHARED_NAMES.map((name) => join(path, `${name}_`)))
    .find((path) => existsSync(`${path}system_tables.sql`));
  if (prefix === undefined) throw new Error(`MariaDB's system_tables.sql is not beside ${program}`);
  const names = ['system_tables', 'performance_tables', 'system_tables_data', 'sys_schema'];
  const texts = await Promise.all(names.map((name) => readFile(`${prefix}${name}.sql`, 'utf8')));
  await mkdir(join(folder, 'data', 'mysql'));
  await giveTo(user, join(folder, 'data', 'mysql'));
  const input = ['USE mysql;', 'SET @auth_root_socket=NULL;', ...texts, 'FLUSH PRIVILEGES;'].join('\n');
  const args = [...programArgs(program, folder), '--bootstrap', '--log-warnings=0'];
  await run(program, args, { cwd: folder, input: `${input}\n`, ...user });
}
