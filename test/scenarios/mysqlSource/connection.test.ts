import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { DatabaseSettings } from '../../../domain/connection';
import { MigrationError } from '../../../domain/errors';
import { openSession } from '../../../engines/mysql/connection';
import { makeTlsFiles, startMariadb, startMysql, type DatabaseServer, type TlsFiles } from '../../../scripts/servers';
import { execute } from '../../helpers/databases';
import { ALL, FLAVOURS, LENIENT, NEVER, CollectingSink, openSource, planned, settingsOf } from './stage';

/** Globals under which a session that takes the server's word reads and compares otherwise, or is cut off. */
const HOSTILE = {
  common: `SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE';
    SET GLOBAL time_zone = '+05:30'; SET GLOBAL sql_select_limit = 3; SET GLOBAL sql_safe_updates = 1; SET GLOBAL max_join_size = 2;
    SET GLOBAL sql_big_selects = 0; SET GLOBAL net_write_timeout = 1; SET GLOBAL wait_timeout = 1; SET GLOBAL character_set_results = 'latin1';
    SET GLOBAL TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;`,
  mysql:
    'SET GLOBAL max_execution_time = 1; SET GLOBAL show_gipk_in_create_table_and_information_schema = 0; SET GLOBAL information_schema_stats_expiry = 86400;',
  mariadb: 'SET GLOBAL max_statement_time = 0.001; SET GLOBAL idle_transaction_timeout = 1;',
};

/** Makes a port of this machine reachable at another of its addresses too. */
async function reachableAt(host: string, port: number): Promise<{ address: Partial<DatabaseSettings>; close(): void }> {
  const relay = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    pipeline(from, to, from, () => undefined);
  });
  await new Promise<void>((resolve) => relay.listen(0, host, resolve));
  return { address: { host, port: (relay.address() as AddressInfo).port }, close: () => relay.close() };
}

describe.each(FLAVOURS)('a connection to %s', (flavour) => {
  let folder: string;
  let tls: TlsFiles;
  let server: DatabaseServer;
  let bare: DatabaseServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-tls-'));
    tls = await makeTlsFiles(join(folder, 'trusted'));
    const start = flavour === 'mysql' ? startMysql : startMariadb;
    const withoutTls: Record<string, string> = flavour === 'mysql' ? { 'tls-version': '' } : {};
    [server, bare] = await Promise.all([start({ tls }), start({ settings: withoutTls })]);
    for (const each of [server, bare]) await execute(each.url(), 'CREATE DATABASE shop');
  });
  afterAll(() => Promise.all([server.remove(), bare.remove(), rm(folder, { recursive: true })]));

  const settings = (
    of: DatabaseServer,
    mode: DatabaseSettings['tls']['mode'],
    rest: Partial<DatabaseSettings> = {},
    ca: string | null = null,
  ): DatabaseSettings => ({
    ...settingsOf(of.url('shop'), 'shop'),
    ...rest,
    tls: { mode, ca },
  });

  /** The cipher in use, empty for plain text; or the error's code. */
  async function cipher(of: DatabaseSettings): Promise<string> {
    try {
      await using session = await openSession(of);
      const [row] = await session.show("SHOW STATUS LIKE 'Ssl_cipher'");
      return row?.['Value'] ?? '';
    } catch (error) {
      if (error instanceof MigrationError) return error.code;
      throw error;
    }
  }

  test('is encrypted as its mode says, and checks the certificate as far as that', async () => {
    const { ca } = tls;
    const { ca: otherCa } = await makeTlsFiles(join(folder, 'other'));
    const encrypted = expect.stringMatching(/^TLS_|AES/) as unknown;
    expect(await cipher(settings(server, 'disable'))).toBe('');
    expect(await cipher(settings(server, 'prefer'))).toEqual(encrypted);
    expect(await cipher(settings(server, 'require'))).toEqual(encrypted);
    expect(await cipher(settings(server, 'verify-ca', {}, ca))).toEqual(encrypted);
    expect(await cipher(settings(server, 'verify-full', { host: 'localhost' }, ca))).toEqual(encrypted);
    expect(await cipher(settings(server, 'verify-full', { host: '127.0.0.1' }, ca))).toEqual(encrypted);
    // The certificate is for localhost and 127.0.0.1, and for no other name or address of this machine.
    const elsewhere = await reachableAt('127.1.2.3', server.port);
    expect(await cipher(settings(server, 'verify-ca', elsewhere.address, ca))).toEqual(encrypted);
    expect(await cipher(settings(server, 'verify-full', elsewhere.address, ca))).toBe('CONNECTION_FAILED');
    elsewhere.close();
    expect(await cipher(settings(server, 'verify-ca', {}, otherCa))).toBe('CONNECTION_FAILED');
    expect(await cipher(settings(server, 'verify-full', {}, null))).toBe('CONNECTION_FAILED');
    expect(await cipher(settings(server, 'verify-ca', {}, join(folder, 'absent.pem')))).toBe('CONNECTION_INVALID');
    expect(await cipher(settings(bare, 'prefer'))).toBe('');
    expect(await cipher(settings(bare, 'require'))).toBe('CONNECTION_FAILED');
    expect(await cipher(settings(bare, 'verify-full', {}, ca))).toBe('CONNECTION_FAILED');
  });

  test('that cannot be made says why by a code, and nothing of its URL', async () => {
    const secret = 'p4ss-w0rd';
    const cases: [Partial<DatabaseSettings>, string][] = [
      [{ password: secret }, 'LOGIN_REFUSED'],
      [{ user: 'nobody-here', password: secret }, 'LOGIN_REFUSED'],
      [{ database: 'not-there' }, 'CONNECTION_INVALID'],
      [{ port: 1 }, 'CONNECTION_FAILED'],
      [{ host: 'no-such-host.invalid' }, 'CONNECTION_FAILED'],
    ];
    for (const mode of ['disable', 'prefer'] as const) {
      for (const [rest, code] of cases) {
        const given = settings(server, mode, rest);
        const error = await openSource(given).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(MigrationError);
        expect((error as MigrationError).code).toBe(code);
        const shown = JSON.stringify([
          error,
          (error as Error).message,
          (error as Error).stack?.split('\n')[0],
          (error as MigrationError).details,
        ]);
        for (const hidden of [
          given.password,
          given.user,
          given.host,
          `:${given.port}`,
          given.database === 'not-there' ? 'not-there' : secret,
        ]) {
          expect(shown).not.toContain(hidden);
        }
        expect(shown).toContain('connection \\"shop\\"');
      }
    }
  });

  test('reads the same under whatever the server has as its defaults', async () => {
    await execute(
      server.url('shop'),
      `${LENIENT} CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, c CHAR(9) DEFAULT 'a''b', ts TIMESTAMP(3) NULL, d DATE, b BIT(3) DEFAULT b'101');
       INSERT INTO t VALUES (1, 'é', '2020-03-29 01:30:00.123', '0000-00-00', b'1'), (2, '\\\\', NULL, '2020-00-01', b'0'), (3, '', NULL, NULL, NULL), (4, 'x', NULL, NULL, NULL);`,
    );
    const read = async (): Promise<unknown> => {
      await using source = await openSource(settings(server, 'prefer'));
      const { tables } = await source.introspect();
      const table = planned(tables[0]!);
      const sink = new CollectingSink();
      await source.copyRows({ table, range: ALL, signal: NEVER }, sink);
      const facts = await source.profile(tables[0]!, NEVER);
      const bounds = await source.chunkBounds({ ...table, chunkKey: ['id'] }, 1, NEVER);
      return { columns: tables[0]!.columns, rows: sink.rows, facts, bounds };
    };
    const before = await read();
    expect(before).toMatchObject({
      rows: [
        ['1', '\xc3\xa9', '2020-03-29 01:30:00.123', '0000-00-00', '\x01'],
        ['2', '\\', null, '2020-00-01', '\0'],
        ['3', '', null, null, null],
        ['4', 'x', null, null, null],
      ],
      facts: { rows: 4, columns: { d: { zeroDates: 2 } } },
    });
    await execute(server.url(), HOSTILE.common + HOSTILE[flavour]);
    expect(await read()).toEqual(before);
  });
});
