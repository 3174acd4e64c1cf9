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

describe.each(FLAVOURS)('the corpus of values in the log of %s', (flavour) => {
  test.each([
    ['as it is', false],
    ['compressed', true],
  ])('is told as a SELECT tells it, cell by cell, inserted, updated and deleted, %s', async (_, compressed) => {
    await using stage = await CorpusStage.open(flavour, compressed);
    const rows = new Replayed();
    await stage.forEach(async (session, { insertSql }) => {
      for (const sql of insertSql) await session.query(sql);
    });
    rows.apply(await stage.follow());
    expect(rows.tables(stage.names)).toEqual(await stage.read());
    expect(rows.changes).toBeGreaterThan(300);
    await stage.forEach((session, { name }) =>
      unlessArchived(session, name, `UPDATE ${quoteName(name)} SET ${TOUCHED} = 1`),
    );
    rows.apply(await stage.follow());
    expect(rows.tables(stage.names)).toEqual(await stage.read());
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
  private constructor(
    private readonly flavour: Flavour,
    private readonly compressed: boolean,
    private readonly database: FreshDatabase,
    private readonly tables: readonly CorpusTable[],
    private readonly source: Source,
    private readonly plans: readonly PlannedTable[],
    private from: Position,
  ) {}

  static async open(flavour: Flavour, compressed: boolean): Promise<CorpusStage> {
    const url = sharedServers()[`${flavour}Url`];
    const [row] = await query(url, 'SELECT VERSION() AS version');
    const tables = corpusTables(flavour, String(row?.['version']).replace(/[^0-9.].*$/, ''));
    const database = await freshDatabase(url);
    for (const { sessionSql, createSql, name } of tables) {
      const sql = `ALTER TABLE ${quoteName(name)} ADD COLUMN ${TOUCHED} INT NOT NULL DEFAULT 0`;
      await inSession(database.url, [...sessionSql, createSql, sql]);
    }
    if (compressed && flavour === 'mariadb')
      await query(url, "SET GLOBAL log_bin_compress = 1, log_bin_compress_min_len = 10, binlog_row_metadata = 'FULL'");
    const source = await openSource(settingsOf(database.url));
    const catalog = await source.introspect();
    const plans = catalog.tables.map((table) => planned(table));
    return new CorpusStage(flavour, compressed, database, tables, source, plans, await source.position());
  }

  get names(): string[] {
    return this.plans.map(({ source }) => source.name);
  }

  async forEach(work: (session: Connection, table: CorpusTable) => Promise<unknown>): Promise<void> {
    for (const table of this.tables) {
      const uri = this.database.url.replace(/^mariadb:/, 'mysql:');
      const session = await createConnection({ uri });
      if (this.compressed && this.flavour === 'mysql') await session.query('SET binlog_transaction_compression = ON');
      for (const sql of [...table.sessionSql, 'SET foreign_key_checks = 0']) await session.query(sql);
      await work(session, table);
      await session.end();
    }
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
    if (this.compressed && this.flavour === 'mariadb') {
      await query(
        this.database.url,
        'SET GLOBAL log_bin_compress = DEFAULT, log_bin_compress_min_len = DEFAULT, binlog_row_metadata = DEFAULT',
      );
    }
    await this.source[Symbol.asyncDispose]();
    await this.database.drop();
  }
}

async function inSession(url: string, statements: readonly string[]): Promise<void> {
  const session = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
  for (const sql of statements) await session.query(sql);
  await session.end();
}
