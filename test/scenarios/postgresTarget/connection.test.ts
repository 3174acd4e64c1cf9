import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsSettings } from '../../../domain/connection';
import type { MigrationError } from '../../../domain/errors';
import { connect, type PostgresSession } from '../../../engines/postgres/connection';
import { makeTlsFiles, startPostgres, type DatabaseServer, type TlsFiles } from '../../../scripts/servers';
import { execute, freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { startProxy } from '../../helpers/proxy';
import { sharedServers } from '../../helpers/servers';
import { settingsOf } from '../../helpers/targetRows';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(sharedServers().postgresUrl);
});
afterAll(async () => database.drop());

const errorOf = async (work: Promise<unknown>): Promise<MigrationError> => {
  try {
    await work;
  } catch (error) {
    return error as MigrationError;
  }
  throw new Error('nothing failed');
};

test('a session has the pinned settings whatever the role has been given', async () => {
  const role = `${database.name}_odd`;
  await execute(database.url, `create role ${role} login password 'odd'`);
  try {
    const hostile = {
      statement_timeout: '1',
      lock_timeout: '1',
      idle_session_timeout: '1min',
      transaction_timeout: '1min',
      DateStyle: 'SQL, DMY',
      IntervalStyle: 'iso_8601',
      TimeZone: 'Asia/Kolkata',
      extra_float_digits: '-15',
      bytea_output: 'escape',
      search_path: 'public',
      default_transaction_isolation: 'serializable',
      synchronous_commit: 'off',
      standard_conforming_strings: 'off',
    };
    for (const [name, value] of Object.entries(hostile))
      await execute(database.url, `alter role ${role} set ${name} = '${value}'`);
    await using session = await connect({ ...settingsOf(database.url), user: role, password: 'odd' });
    const shown = [...Object.keys(hostile), 'client_encoding', 'application_name'].map(
      (name) => `current_setting('${name}')`,
    );
    expect((await session.query(`select ${shown.join()}`))[0]).toEqual([
      ...['0', '0', '0', '0', 'ISO, YMD', 'postgres', 'UTC', '3', 'hex', 'pg_catalog', 'read committed', 'on', 'on'],
      ...['UTF8', 'temporal-migrate'],
    ]);
  } finally {
    await execute(database.url, `drop role ${role}`);
  }
});

describe('a login that fails says why, and never the password', () => {
  const settings = () => ({ ...settingsOf(database.url), password: 'sec/ret' });

  test.each([
    ['a wrong user', { user: 'nobody_of_that_name' }, 'LOGIN_REFUSED'],
    ['a database that is not there', { database: 'no_such_database', password: null }, 'CONNECTION_INVALID'],
    ['a closed port', { port: 1 }, 'CONNECTION_FAILED'],
    ['a host that is not there', { host: 'no-such-host.invalid' }, 'CONNECTION_FAILED'],
    [
      'a file of certificates that is not there',
      { tls: { mode: 'verify-ca', ca: '/no/such/file' } },
      'CONNECTION_INVALID',
    ],
  ] as const)('%s', async (_, changed, code) => {
    const { password, ...rest } = { password: 'sec/ret', ...changed };
    const real = settingsOf(database.url).password;
    const error = await errorOf(connect({ ...settings(), ...rest, password: password ?? real }));
    expect(error.code).toBe(code);
    expect(error.message).toContain('connection "target"');
    expect(JSON.stringify([error.message, error.stack, error.details])).not.toContain('sec/ret');
  });
});

describe('TLS', () => {
  let folder: string;
  let files: TlsFiles;
  let server: DatabaseServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tls-'));
    files = await makeTlsFiles(join(folder, 'files'));
    server = await startPostgres({ tls: files });
  });
  afterAll(async () => {
    await server.remove();
    await rm(folder, { recursive: true });
  });
  const connectWith = (tls: TlsSettings) => connect({ ...settingsOf(server.url('postgres')), tls });
  const encrypted = async (session: PostgresSession) =>
    (await session.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()'))[0]?.[0];

  test.each([
    ['disable', false, 'f'],
    ['prefer', false, 't'],
    ['require', false, 't'],
    ['verify-ca', true, 't'],
    ['verify-full', true, 't'],
  ] as const)('%s connects', async (mode, trusted, expected) => {
    await using session = await connectWith({ mode, ca: trusted ? files.ca : null });
    expect(await encrypted(session)).toBe(expected);
  });

  test.each(['verify-ca', 'verify-full'] as const)('%s refuses an authority it does not know', async (mode) => {
    const error = await errorOf(connectWith({ mode, ca: null }));
    expect(error).toMatchObject({ code: 'CONNECTION_INVALID' });
    expect(error.message).toMatch(/certificate is not trusted/);
  });

  test('verify-full refuses another host name, verify-ca does not look at it', async () => {
    // The certificate is for localhost and 127.0.0.1; this is another name of the same machine.
    const host = '127.0.0.2';
    await using proxy = await startProxy('127.0.0.1', server.port, host);
    const connectThere = (mode: TlsSettings['mode']) =>
      connect({ ...settingsOf(server.url('postgres')), host, port: proxy.port, tls: { mode, ca: files.ca } });
    const error = await errorOf(connectThere('verify-full'));
    expect(error).toMatchObject({ code: 'CONNECTION_INVALID' });
    expect(error.message).toMatch(/certificate is not trusted/);
    await using session = await connectThere('verify-ca');
    expect(await encrypted(session)).toBe('t');
  });

  test('require refuses a server without TLS, and prefer goes without', async () => {
    const plain = settingsOf(database.url);
    const error = await errorOf(connect({ ...plain, tls: { mode: 'require', ca: null } }));
    expect(error).toMatchObject({ code: 'CONNECTION_INVALID' });
    expect(error.message).toMatch(/offers no TLS/);
    await using session = await connect({ ...plain, tls: { mode: 'prefer', ca: null } });
    expect(await encrypted(session)).toBe('f');
  });
});

describe('statements', () => {
  test('an abort cancels the statement on the server, and the session goes on', async () => {
    await using session = await connect(settingsOf(database.url));
    const abort = new AbortController();
    const reason = new Error('enough');
    const sleeping = session.query('select pg_sleep(600)', [], abort.signal);
    const failed = expect(sleeping).rejects.toBe(reason);
    await untilActive(session.backend.pid);
    abort.abort(reason);
    await failed;
    expect(await session.query('select 1')).toEqual([['1']]);
  });

  test('nothing slips into a transaction from outside its callback', async () => {
    await using session = await connect(settingsOf(database.url));
    await session.query('create table public.slips (who text)');
    const add = (who: string) => session.query('insert into public.slips values ($1)', [who]);
    const undone = session.transaction(async () => {
      await add('inside');
      await session.query('select pg_sleep(0.05)');
      throw new Error('undo');
    });
    const outside = add('outside');
    await expect(undone).rejects.toThrow('undo');
    await outside;
    expect(await session.query('select who from public.slips')).toEqual([['outside']]);
  });

  test('a lock that is not granted in time is an error to try again', async () => {
    await using holder = await connect(settingsOf(database.url));
    await using waiter = await connect(settingsOf(database.url));
    await holder.query('create table public.held ()');
    await holder.query('begin; lock table public.held');
    const waiting = waiter.transaction(() => waiter.query('select from public.held'), { lockTimeoutMs: 50 });
    await expect(waiting).rejects.toMatchObject({ code: 'SERVER_BUSY', retryable: true });
    expect(await waiter.query('select 1')).toEqual([['1']]);
  });

  test('a session whose server process was ended says that the connection broke', async () => {
    await using session = await connect(settingsOf(database.url));
    const running = session.query('select pg_sleep(600)');
    const failed = expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
    await untilActive(session.backend.pid);
    await execute(database.url, `select pg_terminate_backend(${session.backend.pid})`);
    await failed;
    await expect(session.query('select 1')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test('an error leaves out what the server says in detail, which may quote rows', async () => {
    await using session = await connect(settingsOf(database.url));
    await session.query('create table public.strict (n int not null, secret text)');
    const error = await errorOf(session.query(`insert into public.strict values (null, 'hush')`));
    expect(error.code).toBe('STATEMENT_FAILED');
    expect(error.message).not.toContain('hush');
  });

  async function untilActive(pid: number): Promise<void> {
    for (;;) {
      const rows = await query(
        database.url,
        `select state from pg_stat_activity where pid = ${pid} and query like '%pg_sleep%'`,
      );
      if (rows[0]?.['state'] === 'active') return;
    }
  }
});
