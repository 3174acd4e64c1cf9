import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import type { DatabaseSettings } from '../../../domain/connection';
import type { Table } from '../../../domain/catalog';
import type { PlannedTable } from '../../../domain/plan';
import type { RowSink, Source } from '../../../engines/engine';
import { mysqlEngine } from '../../../engines/mysql';
import { plannedAsIs } from '../../../scripts/plannedAsIs';
import { execute, freshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';

export type Flavour = 'mysql' | 'mariadb';
export const FLAVOURS = ['mysql', 'mariadb'] as const;

/** Statements run as an application would that checks nothing: zero dates and unknown labels are stored. */
export const LENIENT = "SET SESSION sql_mode = '', foreign_key_checks = 0, time_zone = '+00:00'; SET NAMES utf8mb4;";

/** What a source is opened with, for a database of a URL. */
export function settingsOf(url: string, name = 'source'): DatabaseSettings {
  return parseDatabaseUrl(name, url);
}

export async function openSource(settings: DatabaseSettings): Promise<Source> {
  const source = await mysqlEngine.openSource?.(settings);
  if (source === undefined) throw new Error('the engine opens sources');
  return source;
}

/** A database of a test's own on a shared server, with what `sql` makes in it, opened as a source. */
export class SourceStage implements AsyncDisposable {
  private constructor(
    readonly url: string,
    readonly source: Source,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(flavour: Flavour, sql: string): Promise<SourceStage> {
    const { mysqlUrl, mariadbUrl } = sharedServers();
    const serverUrl = flavour === 'mysql' ? mysqlUrl : mariadbUrl;
    const database = await freshDatabase(serverUrl, 'CHARACTER SET utf8mb4');
    if (sql !== '') await execute(database.url, `${LENIENT} ${sql}`);
    return new SourceStage(database.url, await openSource(settingsOf(database.url)), () => database.drop());
  }

  /** One more source of the same database. */
  static another(stage: SourceStage): Promise<Source> {
    return openSource(settingsOf(stage.url));
  }

  async run(sql: string): Promise<void> {
    await execute(this.url, `${LENIENT} ${sql}`);
  }

  async table(name: string): Promise<Table> {
    const { tables } = await this.source.introspect();
    const table = tables.find((candidate) => candidate.name === name);
    if (table === undefined) throw new Error(`no table ${name}: ${tables.map((other) => other.name).join(', ')}`);
    return table;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await this.drop();
  }
}

/** A session that stays open, as an application's does; errors of a connection that is killed are its own to see. */
export async function connect(url: string): Promise<Connection> {
  const connection = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:'), multipleStatements: true });
  connection.on('error', () => undefined);
  return connection;
}

/** Waits for a condition on the server, which it looks at again and again. */
export async function until(holds: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`the condition did not hold within ${withinMs} ms`);
    await delay(20);
  }
}

/** A plan that keeps every column as it is and cuts by the key given, or the primary one. */
export function planned(table: Table, chunkKey: readonly string[] | null = primaryKey(table)): PlannedTable {
  return plannedAsIs(table, chunkKey);
}

function primaryKey(table: Table): string[] | null {
  return table.primaryKey?.map(({ column }) => column ?? '') ?? null;
}

/** Keeps the rows' cells as text of their bytes (latin1: one character a byte). */
export class CollectingSink implements RowSink {
  readonly rows: (string | null)[][] = [];

  row(bytes: Buffer, cells: Int32Array): void {
    const row: (string | null)[] = [];
    for (let cell = 0; cell < cells.length; cell += 2) {
      const start = cells[cell]!;
      row.push(start < 0 ? null : bytes.toString('latin1', start, cells[cell + 1]));
    }
    this.rows.push(row);
  }

  pressure(): Promise<void> | null {
    return null;
  }
}

export const ALL = { after: null, upTo: null } as const;
export const NEVER = new AbortController().signal;

/** Reads a range and answers its rows. */
export async function readAll(
  source: Source,
  table: PlannedTable,
  range: { after: readonly string[] | null; upTo: readonly string[] | null } = ALL,
): Promise<(string | null)[][]> {
  const sink = new CollectingSink();
  const rows = await source.copyRows({ table, range, signal: NEVER }, sink);
  if (rows !== sink.rows.length) throw new Error(`${rows} rows told, ${sink.rows.length} rows seen`);
  return sink.rows;
}
