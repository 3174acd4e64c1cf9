import { createConnection, type Connection } from 'mysql2/promise';
import type { PlannedTable } from '../../../domain/plan';
import type { Position } from '../../../domain/position';
import type { ChangeStream, Source } from '../../../engines/engine';
import { quoteName } from '../../../engines/mysql/quote';
import { corpusTables, type CorpusTable } from '../../helpers/corpus';
import { freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';
import { FLAVOURS, openSource, planned, readAll, settingsOf, type Flavour } from '../mysqlSource/stage';
import { follow, type Cells, type ToldChange } from './following';

/** A column of our own, so that each row can be updated whatever else it holds. */
const TOUCHED = 'touched_by_test';

/** Compressed while rows are updated; then MariaDB names the columns, too. */
describe.each(FLAVOURS)('the corpus of values in the log of %s', (flavour) => {
  test('is told as a SELECT tells it, cell by cell, inserted, updated and deleted', async () => {
    await using stage = await CorpusStage.open(flavour);
    const rows = new Replayed();
    await stage.forEach(async (session, { insertSql }) => {
      for (const sql of insertSql) await session.query(sql);
    });
    rows.apply(await stage.follow());
    expect(rows.tables(stage.names)).toEqual(await stage.read());
    expect(rows.changes).toBeGreaterThan(300);
    await stage.compress(true);
    await stage.forEach((session, { name }) =>
      unlessArchived(session, name, `UPDATE ${quoteName(name)} SET ${TOUCHED} = 1`),
    );
    rows.apply(await stage.follow());
    expect(rows.tables(stage.names)).toEqual(await stage.read());
    await stage.compress(false);
    await stage.forEach((session, { name }) => unlessArchived(session, name, `DELETE FROM ${quoteName(name)}`));
    rows.apply(await stage.follow());
    expect(rows.tables(stage.names)).toEqual(await stage.read());
  });
});

/** The ARCHIVE engine takes rows and lets none be changed. */
const ARCHIVE = 'h_engine_archive';

async function unlessArchived(session: Connection, table: string, sql: string): Promise<void> {
  if (table !== ARCHIVE) await session.query(sql);
}

type Tables = Readonly<Record<string, readonly string[]>>;

/** What the changes make of tables that were empty; a row that is changed must be there, byte by byte. */
class Replayed {
  changes = 0;
  private readonly rows = new Map<string, Map<string, number>>();

  apply(changes: readonly ToldChange[]): void {
    for (const { table, before, after } of changes) {
      if (before !== null) this.count(table, before, -1);
      if (after !== null) this.count(table, after, 1);
      this.changes++;
    }
  }

  tables(names: readonly string[]): Tables {
    return sorted(names, (name) =>
      [...(this.rows.get(name) ?? [])].flatMap(([row, times]) => Array<string>(times).fill(row)),
    );
  }

  private count(table: string, row: Cells, by: 1 | -1): void {
    const rows = this.rows.get(table) ?? new Map<string, number>();
    const text = JSON.stringify(row);
    const times = (rows.get(text) ?? 0) + by;
    if (times < 0) throw new Error(`${table} is told to lose a row that it has not: ${text.slice(0, 300)}`);
    this.rows.set(table, rows.set(text, times));
  }
}

function sorted(names: readonly string[], rowsOf: (name: string) => string[]): Tables {
  return Object.fromEntries(names.map((name) => [name, rowsOf(name).sort()]));
}

class CorpusStage implements AsyncDisposable {
  private compressed = false;

  private constructor(
    private readonly flavour: Flavour,
    private readonly database: FreshDatabase,
    private readonly tables: readonly CorpusTable[],
    private readonly source: Source,
    private readonly plans: readonly PlannedTable[],
    private from: Position,
  ) {}

  static async open(flavour: Flavour): Promise<CorpusStage> {
    const url = sharedServers()[`${flavour}Url`];
    const [row] = await query(url, 'SELECT VERSION() AS version');
    const tables = corpusTables(flavour, String(row?.['version']).replace(/[^0-9.].*$/, ''));
    const database = await freshDatabase(url);
    await inSessions(database.url, [], tables, async (session, { createSql, name }) => {
      await session.query(createSql);
      await session.query(`ALTER TABLE ${quoteName(name)} ADD COLUMN ${TOUCHED} INT NOT NULL DEFAULT 0`);
    });
    const source = await openSource(settingsOf(database.url));
    const catalog = await source.introspect();
    const plans = catalog.tables.map((table) => planned(table));
    return new CorpusStage(flavour, database, tables, source, plans, await source.position());
  }

  get names(): string[] {
    return this.plans.map(({ source }) => source.name);
  }

  /** MySQL compresses by session, MariaDB for all of them. */
  async compress(on: boolean): Promise<void> {
    this.compressed = on;
    if (this.flavour === 'mysql') return;
    const [compress, length, metadata] = on ? ['1', '10', 'FULL'] : ['DEFAULT', 'DEFAULT', 'DEFAULT'];
    await query(
      this.database.url,
      `SET GLOBAL log_bin_compress = ${compress}, log_bin_compress_min_len = ${length}, binlog_row_metadata = ${metadata}`,
    );
  }

  forEach(work: (session: Connection, table: CorpusTable) => Promise<unknown>): Promise<void> {
    const settings = [
      'SET foreign_key_checks = 0',
      ...(this.compressed && this.flavour === 'mysql' ? ['SET binlog_transaction_compression = ON'] : []),
    ];
    return inSessions(this.database.url, settings, this.tables, work);
  }

  async read(): Promise<Tables> {
    const rows = new Map<string, string[]>();
    for (const plan of this.plans) {
      rows.set(
        plan.source.name,
        (await readAll(this.source, plan)).map((row) => JSON.stringify(row)),
      );
    }
    return sorted(this.names, (name) => rows.get(name) ?? []);
  }

  async follow(): Promise<readonly ToldChange[]> {
    const stream = this.source.changes as ChangeStream;
    const { changes, schemaChange, position } = await follow(
      stream,
      this.plans,
      this.from,
      await this.source.position(),
    );
    expect(schemaChange).toBeNull();
    this.from = position;
    return changes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compress(false);
    await this.source[Symbol.asyncDispose]();
    await this.database.drop();
  }
}

/** One session for all tables but those that want settings of their own. */
async function inSessions(
  url: string,
  settings: readonly string[],
  tables: readonly CorpusTable[],
  work: (session: Connection, table: CorpusTable) => Promise<unknown>,
): Promise<void> {
  const open = async (more: readonly string[]): Promise<Connection> => {
    const session = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
    for (const sql of [...more, ...settings]) await session.query(sql);
    return session;
  };
  const common = await open([]);
  for (const table of tables) {
    const session = table.sessionSql.length === 0 ? common : await open(table.sessionSql);
    await work(session, table);
    if (session !== common) await session.end();
  }
  await common.end();
}
