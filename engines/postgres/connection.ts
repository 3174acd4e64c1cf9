import { AsyncLocalStorage } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { Client } from 'pg';
import type { DatabaseSettings } from '../../domain/connection';
import { MigrationError, assert } from '../../domain/errors';
import { keepVigil, type WatchedSocket } from '../vigil';
import { connectError, isPlainTextOnly, statementError } from './errors';

/** A row's columns as PostgreSQL writes them as text; null is NULL. */
export type TextRow = (string | null)[];

/** One server process, named so that it is never mistaken for a later one that got the same pid. */
export interface Backend {
  readonly pid: number;
  /** pg_stat_activity.backend_start as text, in UTC. */
  readonly start: string;
}

/**
 * One connection with pinned settings. Statements queue: each waits for those before it, and a transaction is one of
 * them, so that nothing slips into a transaction but what its own callback runs.
 */
export interface PostgresSession extends AsyncDisposable {
  /** The connection's name, the only part of its settings that may be shown. */
  readonly name: string;
  readonly backend: Backend;
  /** For COPY alone; everything else goes through `query`. */
  readonly client: Client;
  /**
   * Runs one statement; every value comes back as text. Without parameters the text may hold several statements, of
   * which the last one's rows are answered. An abort cancels it on the server and rejects with the signal's reason.
   */
  query(sql: string, parameters?: readonly unknown[], signal?: AbortSignal): Promise<TextRow[]>;
  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it throws. What `work` runs through
   * this session's `query` is inside. A lock that takes longer than `lockTimeoutMs` fails with SERVER_BUSY.
   */
  transaction<T>(work: () => Promise<T>, options?: { readonly lockTimeoutMs?: number }): Promise<T>;
  /** Awaits what the server is to answer or to take; for who uses `client`. A connection gone silent is ended. */
  awaitServer<T>(waiting: Promise<T>): Promise<T>;
}

/**
 * Settings that would change what a value looks like or how a transaction behaves, whatever the role, the database or
 * the server's file say. A lost commit after a crash would undo what has been reported as done, so synchronous_commit
 * is raised to on where it is off.
 */
const PINNED: Readonly<Record<string, string>> = {
  application_name: `'temporal-migrate'`,
  client_encoding: `'UTF8'`,
  TimeZone: `'UTC'`,
  DateStyle: `'ISO, YMD'`,
  IntervalStyle: `'postgres'`,
  extra_float_digits: `'3'`,
  bytea_output: `'hex'`,
  standard_conforming_strings: `'on'`,
  search_path: `'pg_catalog'`,
  statement_timeout: `'0'`,
  lock_timeout: `'0'`,
  idle_in_transaction_session_timeout: `'0'`,
  default_transaction_isolation: `'read committed'`,
  tcp_keepalives_idle: `'30'`,
  tcp_keepalives_interval: `'10'`,
  tcp_keepalives_count: `'3'`,
  synchronous_commit: `replace(current_setting('synchronous_commit'), 'off', 'on')`,
};

/** As PINNED, of timeouts that not every version has; each would end a session that waits for its turn or copies long. */
const NEWER_TIMEOUTS = ['idle_session_timeout', 'transaction_timeout'];

const PIN_SETTINGS = `select ${Object.entries(PINNED)
  .map(([setting, value]) => `set_config('${setting}', ${value}, false)`)
  .join(', ')};
select set_config(name, '0', false) from pg_catalog.pg_settings
  where name in (${NEWER_TIMEOUTS.map((name) => `'${name}'`).join()})`;

/** From the login on, because a role's own time limit would hold for the very statement that lifts it. */
const LOGIN_OPTIONS = '-c statement_timeout=0';

const OWN_BACKEND = `select pid, backend_start from pg_catalog.pg_stat_activity where pid = pg_backend_pid()`;

/** What a server process does, and since when; how far its COPY has come. No row when there is no such process. */
const DOING = `select state, coalesce(wait_event, ''), concat_ws(' ', state, wait_event, state_change,
    (select bytes_processed from pg_catalog.pg_stat_progress_copy copying where copying.pid = activity.pid))
  from pg_catalog.pg_stat_activity activity where pid = $1 and backend_start = $2`;

const CONNECT_TIMEOUT_MS = 15_000;
const GOODBYE_TIMEOUT_MS = 5_000;

export interface ConnectOptions {
  /**
   * Speaks the replication protocol, too, which the role must have the right to. Such a session takes no statement with
   * parameters.
   */
  readonly replication?: boolean;
}

/** What a login asks for besides. */
interface LoginOptions extends ConnectOptions {
  readonly answersWithinMs?: number;
}

/** Logs in and pins the session's settings. Errors: CONNECTION_FAILED, LOGIN_REFUSED, CONNECTION_INVALID, SERVER_BUSY. */
export async function connect(settings: DatabaseSettings, options: ConnectOptions = {}): Promise<PostgresSession> {
  const client = await login(settings, options);
  const session = new Session(settings, client);
  try {
    await session.open();
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

async function login(settings: DatabaseSettings, options: LoginOptions): Promise<Client> {
  const ssl = await tlsOptions(settings);
  try {
    return await loginWith(settings, ssl, options);
  } catch (error) {
    if (settings.tls.mode === 'prefer' && isPlainTextOnly(error)) {
      return loginWith(settings, false, options).catch((plain: unknown) => {
        throw connectError(plain, settings);
      });
    }
    throw connectError(error, settings);
  }
}

async function loginWith(
  settings: DatabaseSettings,
  ssl: ConnectionOptions | false,
  { answersWithinMs = 0, replication = false }: LoginOptions,
): Promise<Client> {
  // The driver hands it on to the server; its types leave it out.
  const protocol: object = replication ? { replication: 'database' } : {};
  const client = new Client({
    ...protocol,
    host: settings.host,
    port: settings.port,
    user: settings.user,
    // A function, because an empty password would be looked up in the worker's environment.
    password: () => settings.password,
    database: settings.database,
    options: LOGIN_OPTIONS,
    ssl,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answersWithinMs,
    types: { getTypeParser: () => (value: unknown) => value },
  });
  // A connection that breaks while idle reports it here and again to the next statement, which is where it is handled.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function tlsOptions({ name, tls }: DatabaseSettings): Promise<ConnectionOptions | false> {
  if (tls.mode === 'disable') return false;
  const ca = tls.ca === null ? {} : { ca: await readCertificates(name, tls.ca) };
  switch (tls.mode) {
    case 'prefer':
    case 'require':
      return { rejectUnauthorized: false, ...ca };
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...ca };
    case 'verify-full':
      return { rejectUnauthorized: true, ...ca };
  }
}

async function readCertificates(name: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MigrationError('CONNECTION_INVALID', `connection "${name}": sslca names ${path}, which cannot be read`, {
      cause,
    });
  });
}

class Session implements PostgresSession {
  readonly name: string;
  #backend: Backend | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  readonly #insideTransaction = new AsyncLocalStorage<true>();

  constructor(
    private readonly settings: DatabaseSettings,
    readonly client: Client,
  ) {
    this.name = settings.name;
  }

  get backend(): Backend {
    assert(this.#backend, 'a session is opened before it is used');
    return this.#backend;
  }

  async open(): Promise<void> {
    await this.query(PIN_SETTINGS);
    const [row] = await this.query(OWN_BACKEND);
    assert(row?.[0] && row[1], 'a session sees its own backend');
    this.#backend = { pid: Number(row[0]), start: row[1] };
  }

  async query(sql: string, parameters: readonly unknown[] = [], signal?: AbortSignal): Promise<TextRow[]> {
    const run = () => this.#run(sql, parameters, signal);
    return this.#insideTransaction.getStore() ? run() : this.#enqueue(run);
  }

  async transaction<T>(work: () => Promise<T>, options: { readonly lockTimeoutMs?: number } = {}): Promise<T> {
    assert(!this.#insideTransaction.getStore(), 'transactions of one session are not nested');
    return this.#enqueue(() =>
      this.#insideTransaction.run(true, async () => {
        await this.query('begin');
        try {
          if (options.lockTimeoutMs !== undefined) {
            await this.query(`select set_config('lock_timeout', $1, true)`, [String(options.lockTimeoutMs)]);
          }
          const result = await work();
          await this.query('commit');
          return result;
        } catch (error) {
          await this.#rollback();
          throw error;
        }
      }),
    );
  }

  awaitServer<T>(waiting: Promise<T>): Promise<T> {
    // The driver's types tell only half of what it is.
    return keepVigil(waiting, this.client.connection.stream as WatchedSocket, () => this.#whyItIsSilent());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { stream } = this.client.connection;
    const giveUp = setTimeout(() => stream.destroy(), GOODBYE_TIMEOUT_MS);
    try {
      await this.client.end();
    } finally {
      clearTimeout(giveUp);
    }
  }

  /** The error that made the rollback necessary is the one to report: a rollback fails only with its connection. */
  async #rollback(): Promise<void> {
    await this.client.query('rollback').catch(() => this.client.connection.stream.destroy());
  }

  async #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #run(sql: string, parameters: readonly unknown[], signal?: AbortSignal): Promise<TextRow[]> {
    signal?.throwIfAborted();
    let cancelling = Promise.resolve();
    const onAbort = () => {
      cancelling = this.#cancel();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = this.client.query<(string | null)[]>({
        text: sql,
        values: [...parameters],
        rowMode: 'array',
      });
      const result = await this.awaitServer(answer);
      const last = Array.isArray(result) ? (result as (typeof result)[]).at(-1) : result;
      return last?.rows ?? [];
    } catch (error) {
      signal?.throwIfAborted();
      throw statementError(error, this.settings.name);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      // A cancel still under way would hit the next statement.
      await cancelling;
    }
  }

  async #whyItIsSilent(): Promise<string | null> {
    if (!this.#backend) return 'not opened';
    const other = await login(this.settings, { answersWithinMs: CONNECT_TIMEOUT_MS });
    try {
      const { rows } = await other.query<(string | null)[]>({
        text: DOING,
        values: [this.#backend.pid, this.#backend.start],
        rowMode: 'array',
      });
      const [state, waitsFor, doing] = rows[0] ?? ['gone', '', 'gone'];
      return state !== 'active' || /^Client(Read|Write)$/.test(waitsFor ?? '') ? (doing ?? null) : null;
    } finally {
      await other.end();
    }
  }

  /** Ends the running statement on the server; where that is not possible, the connection. */
  async #cancel(): Promise<void> {
    try {
      await using other = await connect(this.settings);
      await other.query('select pg_cancel_backend($1)', [this.backend.pid]);
    } catch {
      this.client.connection.stream.destroy();
    }
  }
}
