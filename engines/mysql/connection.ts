import { connect, type Socket } from 'node:net';
import type { ConnectionOptions, RowDataPacket } from 'mysql2';
import type { DatabaseSettings } from '../../domain/connection';
import { connectDriver, type DriverConnection } from './driver';
import { toMigrationError } from './errors';
import { OLDEST, type Flavour, type Server } from './flavour';
import { Session } from './session';
import { tlsOptions } from './tls';

/** A login that takes longer than this has failed. */
const CONNECT_TIMEOUT_MS = 15_000;
/** A connection that is silent for longer is asked whether it lives, so that no firewall forgets it. */
const KEEP_ALIVE_MS = 60_000;
/** A reader may stand still while the target is slow or its table is locked, but not for ever. */
const ONE_DAY_SECONDS = 86_400;
/** The largest sql_select_limit: none. */
const NO_LIMIT = '18446744073709551615';

export interface SessionOptions {
  /** Results carry text in each column's own character set, not in utf8mb4. */
  readonly rawText?: boolean;
  /** `queryEach` may be used. Never for statements with parts that somebody else wrote. */
  readonly severalStatements?: boolean;
  /** The session may change something; all others are read-only. */
  readonly writes?: boolean;
}

/**
 * Logs in and pins everything about the session that changes what a statement means or a value looks like. Errors:
 * CONNECTION_FAILED, LOGIN_REFUSED, CONNECTION_INVALID, PRIVILEGE_MISSING, SERVER_BUSY.
 */
export async function openSession(settings: DatabaseSettings, options: SessionOptions = {}): Promise<Session> {
  const driver = await logIn(settings, options);
  const kill = async (id: string): Promise<void> => {
    await using killer = await openSession(settings, { writes: true });
    await killer.query(`KILL ${id}`);
  };
  const ask = (id: string): Promise<string | null> => whyItIsSilent(settings, id);
  return Session.begin(settings.name, driver, (server) => pinning(server, options), { kill, ask });
}

/** States of a server's thread in which it is the client's turn, in the words of MySQL and of MariaDB. */
const CLIENTS_TURN = /^(Sending to client|Writing to net|Receiving from client|Reading from net)$/;

async function whyItIsSilent(settings: DatabaseSettings, id: string): Promise<string | null> {
  const driver = await logIn(settings, {});
  driver.on('error', () => undefined);
  try {
    const threads = await new Promise<ProcessListRow[]>((resolve, reject) => {
      driver.query<ProcessListRow[]>({ sql: 'SHOW PROCESSLIST', timeout: CONNECT_TIMEOUT_MS }, (error, rows) => {
        if (error) reject(error);
        else resolve(rows);
      });
    });
    const thread = threads.find((row) => String(row.Id) === id);
    if (thread === undefined) return 'gone';
    const isAtWork = thread.Command !== 'Sleep' && !CLIENTS_TURN.test(thread.State ?? '');
    return isAtWork ? null : `${thread.Command} ${thread.State ?? ''}`;
  } finally {
    driver.destroy();
  }
}

interface ProcessListRow extends RowDataPacket {
  readonly Id: number;
  readonly Command: string;
  readonly State: string | null;
}

async function logIn(settings: DatabaseSettings, { severalStatements }: SessionOptions): Promise<DriverConnection> {
  const tls = await tlsOptions(settings);
  const options: ConnectionOptions = {
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password: settings.password,
    database: settings.database,
    charset: 'UTF8MB4_BIN',
    connectTimeout: CONNECT_TIMEOUT_MS,
    multipleStatements: severalStatements ?? false,
    // The driver would compile a reader out of the columns' names, and refuses a column called __proto__.
    disableEval: true,
    // The driver lets the server ask for local files by default.
    flags: ['-LOCAL_FILES'],
    stream: () => openSocket(settings),
  };
  try {
    return await connectDriver(tls === undefined ? options : { ...options, ssl: tls });
  } catch (error) {
    const offersNone = (error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (!offersNone || settings.tls.mode !== 'prefer') throw toMigrationError(error, settings.name, 'connect');
  }
  try {
    return await connectDriver(options);
  } catch (error) {
    throw toMigrationError(error, settings.name, 'connect');
  }
}

/**
 * Node checks a certificate against the name its socket was opened with, which it keeps for names and forgets for
 * addresses: then it would check against "localhost".
 */
function openSocket({ host, port }: DatabaseSettings): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  return Object.assign(socket, { _host: host });
}

/**
 * The statements that pin a session. An empty sql_mode reads every value there is (zero dates, invalid labels), keeps
 * backslash escapes in literals, and pads no CHAR.
 */
function pinning({ flavour, version }: Server, { rawText, writes }: SessionOptions): string[] {
  const variables: Record<string, string | number> = {
    time_zone: "'+00:00'",
    sql_mode: "''",
    autocommit: 1,
    sql_select_limit: NO_LIMIT,
    sql_big_selects: 1,
    sql_safe_updates: 0,
    sql_auto_is_null: 0,
    sql_quote_show_create: 1,
    max_sort_length: 65_536,
    wait_timeout: ONE_DAY_SECONDS,
    net_read_timeout: ONE_DAY_SECONDS,
    net_write_timeout: ONE_DAY_SECONDS,
    // Servers too old to be migrated get in all the same, so that preflight can say so.
    ...(version < OLDEST[flavour].version ? {} : FLAVOUR_VARIABLES[flavour]),
    // A primary key that the server made by itself is a column like any other.
    ...(flavour === 'mysql' && version >= 80030 ? { show_gipk_in_create_table_and_information_schema: 1 } : {}),
    ...(rawText === true ? { character_set_results: 'NULL' } : {}),
  };
  const assignments = Object.entries(variables).map(([name, value]) => `SESSION ${name} = ${value}`);
  return [
    'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
    `SET ${assignments.join(', ')}`,
    `SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ${writes === true ? 'WRITE' : 'ONLY'}`,
  ];
}

const FLAVOUR_VARIABLES: Readonly<Record<Flavour, Readonly<Record<string, string | number>>>> = {
  mysql: { max_execution_time: 0, information_schema_stats_expiry: 0 },
  mariadb: {
    max_statement_time: 0,
    idle_transaction_timeout: 0,
    idle_readonly_transaction_timeout: 0,
    idle_write_transaction_timeout: 0,
    system_versioning_asof: 'DEFAULT',
  },
};
