import { assert, MigrationError } from '../../domain/errors';
import { keepVigil } from '../vigil';
import { sendStatement, type Written } from './command';
import type { DriverConnection } from './driver';
import { toMigrationError } from './errors';
import { readServer, type Server } from './flavour';

/** A row of text cells; null is NULL. */
export type TextRow = (string | null)[];

/** What is done about a session by a connection of its own; it is named by the server's number of it. */
export interface FromOutside {
  /** Ends it. */
  kill(id: string): Promise<void>;
  /** Tells why it is silent (AskWhyItIsSilent). */
  ask(id: string): Promise<string | null>;
}

/** A logged-in, pinned connection. One statement at a time. */
export class Session implements AsyncDisposable {
  private lost: MigrationError | null = null;
  private rejectActive: ((error: unknown) => void) | null = null;
  private killing: Promise<void> = Promise.resolve();
  private knownServer: Server | null = null;
  private knownId: string | null = null;

  private constructor(
    /** The connection's name, the only part of its settings that may be shown. */
    readonly name: string,
    readonly driver: DriverConnection,
    private readonly outside: FromOutside,
  ) {
    driver.on('error', (error) => {
      this.lose(toMigrationError(error, name, 'use'));
    });
  }

  /**
   * Makes a session of a fresh login by running the statements that pin it.
   */
  static async begin(
    name: string,
    driver: DriverConnection,
    pinning: (server: Server) => readonly string[],
    outside: FromOutside,
  ): Promise<Session> {
    const session = new Session(name, driver, outside);
    try {
      const [row] = await session.query('SELECT VERSION(), @@version_comment, CONNECTION_ID()');
      const [version, comment, id] = (row ?? []).map((cell) => cell ?? '');
      session.knownServer = readServer(version ?? '', comment ?? '');
      session.knownId = id ?? null;
      for (const statement of pinning(session.knownServer)) await session.query(statement);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  get server(): Server {
    assert(this.knownServer, 'a session knows its server');
    return this.knownServer;
  }

  /** The server's number of this connection. */
  get id(): string {
    assert(this.knownId, 'a session knows its number');
    return this.knownId;
  }

  /**
   * Runs a statement and reads its whole result as text. Errors: MigrationError; or the signal's reason, after which
   * the statement is ended on the server and the session is of no more use.
   */
  async query(sql: string, signal?: AbortSignal): Promise<TextRow[]> {
    return (await this.run(sql, signal)) as TextRow[];
  }

  /** Selects expressions by name, from what follows (`FROM …`). */
  async select<K extends string>(
    columns: Readonly<Record<K, string>>,
    from: string,
    signal?: AbortSignal,
  ): Promise<Record<K, string | null>[]> {
    const names = Object.keys(columns) as K[];
    const rows = await this.query(`SELECT ${names.map((name) => columns[name]).join(', ')} ${from}`, signal);
    return rows.map(
      (row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])) as Record<K, string | null>,
    );
  }

  /** The rows of a SHOW statement, by the column names that the server gives them. */
  async show(sql: string): Promise<Partial<Record<string, string | null>>[]> {
    return (await this.run(sql, undefined, false)) as Partial<Record<string, string | null>>[];
  }

  /** The rows of each of several statements in one round trip; for sessions opened with `severalStatements`. */
  async queryEach(statements: readonly string[]): Promise<TextRow[][]> {
    if (statements.length === 0) return [];
    const results = await this.run(statements.join(';\n'));
    return (statements.length === 1 ? [results] : results) as TextRow[][];
  }

  /**
   * Runs a statement that answers no rows, given as bytes behind COMMAND_ROOM bytes that are overwritten; they must stay
   * as they are until it is answered. Errors: MigrationError.
   */
  async write(bytes: Buffer): Promise<Written> {
    const answer = new Promise<Written>((resolve, reject) => {
      const watching = this.watch(reject);
      sendStatement(this.driver, bytes, (error, written) => {
        watching[Symbol.dispose]();
        if (written === undefined) reject(this.failure(error));
        else resolve(written);
      });
    });
    return this.awaitServer(answer);
  }

  /** Gives the connection up at once, whatever it does; what waits on it is rejected with the reason. */
  abandon(reason: unknown): void {
    this.lost ??= new MigrationError('CONNECTION_LOST', `connection "${this.name}" was given up`);
    this.driver.destroy();
    this.driver.stream.destroy();
    this.settleActive(reason);
    // The server does not look at its socket while it computes: without this it would go on to the end.
    // Losing the connection for it as well leaves nothing to tell: the caller hears of the reason.
    this.killing = this.outside.kill(this.id).catch(() => undefined);
  }

  /** Watches for the loss of the connection while somebody else than `query` uses the driver. */
  watch(rejected: (error: unknown) => void): Disposable {
    if (this.lost !== null) throw this.lost;
    this.rejectActive = rejected;
    return { [Symbol.dispose]: () => (this.rejectActive = null) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lost === null) {
      this.lost = new MigrationError('INTERNAL', `connection "${this.name}" is closed`);
      // Says goodbye and does not wait for an answer, which a server that is gone would not give.
      this.driver.end(() => {
        this.driver.stream.destroySoon();
      });
    }
    await this.killing;
  }

  /** Awaits what the server is to answer; a connection gone silent is ended, and with it the wait. */
  awaitServer<T>(waiting: Promise<T>): Promise<T> {
    return keepVigil(waiting, this.driver.stream, async () =>
      this.knownId === null ? 'not opened' : this.outside.ask(this.knownId),
    );
  }

  private async run(sql: string, signal?: AbortSignal, rowsAsArray = true): Promise<unknown> {
    signal?.throwIfAborted();
    const answer = new Promise((resolve, reject) => {
      const watching = this.watch(reject);
      const onAbort = (): void => {
        this.abandon(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.driver.query({ sql, rowsAsArray, typeCast: (field) => field.string('utf8') }, (error, rows) => {
        signal?.removeEventListener('abort', onAbort);
        watching[Symbol.dispose]();
        if (error) reject(this.failure(error));
        else resolve(rows);
      });
    });
    return this.awaitServer(answer);
  }

  private failure(error: unknown): MigrationError {
    const failure = toMigrationError(error, this.name, 'use');
    if (failure.code === 'CONNECTION_LOST') this.lose(failure);
    return failure;
  }

  private lose(error: MigrationError): void {
    this.lost ??= error;
    this.driver.stream.destroy();
    this.settleActive(error);
  }

  private settleActive(reason: unknown): void {
    const reject = this.rejectActive;
    this.rejectActive = null;
    reject?.(reason);
  }
}
