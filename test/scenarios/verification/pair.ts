import type { z } from 'zod';
import { rangesBetween } from '../../../domain/keys';
import type { mappingSchema } from '../../../domain/mapping';
import type { TableFacts } from '../../../domain/catalog';
import type { PlannedTable } from '../../../domain/plan';
import type { Mismatch, Source, Target, VerifiedPart } from '../../../engines/engine';
import { mysqlEngine } from '../../../engines/mysql';
import { postgresEngine } from '../../../engines/postgres';
import { verifyTable, type TableVerification } from '../../../pipeline/verifyTable';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import { catalog, plan } from '../../helpers/catalogs';
import { execute, freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { sharedServers, type SharedServers } from '../../helpers/servers';

export const FLAVOURS = ['mysql', 'mariadb'] as const;
export type Flavour = (typeof FLAVOURS)[number];

export const NEVER = new AbortController().signal;
export const WHOLE = { after: null, upTo: null } as const;
const LENIENT = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'; SET NAMES utf8mb4;";

const openSource = ({ url }: FreshDatabase): Promise<Source> =>
  mysqlEngine.openSource!(parseDatabaseUrl('source', url));
const openTarget = ({ url }: FreshDatabase): Promise<Target> =>
  postgresEngine.openTarget!(parseDatabaseUrl('target', url));

/**
 * A source and a target with the same tables, filled by SQL that the tests write themselves on either side: what is
 * verified here was never copied.
 */
export class VerificationPair implements AsyncDisposable {
  readonly tables = new Map<string, PlannedTable>();

  private constructor(
    private readonly sourceDatabase: FreshDatabase,
    private readonly targetDatabase: FreshDatabase,
    readonly source: Source,
    readonly target: Target,
  ) {}

  static async open(
    flavour: Flavour,
    servers: Pick<SharedServers, 'mysqlUrl' | 'mariadbUrl' | 'postgresUrl'> = sharedServers(),
  ): Promise<VerificationPair> {
    const source = await freshDatabase(flavour === 'mysql' ? servers.mysqlUrl : servers.mariadbUrl);
    const target = await freshDatabase(servers.postgresUrl);
    return new VerificationPair(source, target, await openSource(source), await openTarget(target));
  }

  /** Another pair of connections to the same databases; the caller closes them. */
  async another(): Promise<{ source: Source; target: Target }> {
    return { source: await openSource(this.sourceDatabase), target: await openTarget(this.targetDatabase) };
  }

  get sourceUrl(): string {
    return this.sourceDatabase.url;
  }

  get targetUrl(): string {
    return this.targetDatabase.url;
  }

  async onSource(sql: string): Promise<void> {
    await execute(this.sourceDatabase.url, `${LENIENT} ${sql}`);
  }

  async onTarget(sql: string): Promise<void> {
    await query(this.targetDatabase.url, sql);
  }

  /** Plans every table of the source that is not planned yet, and makes it on the target, empty and without keys. */
  async plan(mapping: z.input<typeof mappingSchema> = {}): Promise<void> {
    const schema = await this.source.introspect();
    const tables = schema.tables.filter(({ name }) => !this.tables.has(name));
    const facts = new Map<string, TableFacts>();
    for (const table of tables) facts.set(table.name, await this.source.profile(table, NEVER));
    const planned = plan(catalog(tables), facts, mapping).tables;
    await this.onTarget(
      planned.flatMap((table) => this.target.translate(table).ddl.create.map(({ sql }) => `${sql};`)).join('\n'),
    );
    for (const table of planned) this.tables.set(table.source.name, table);
  }

  /** The primary keys and indexes, as after a copy. */
  async build(name: string): Promise<void> {
    const { ddl } = this.target.translate(this.table(name));
    await this.onTarget(ddl.build.map(({ sql }) => `${sql};`).join('\n'));
  }

  table(name: string): PlannedTable {
    const table = this.tables.get(name);
    if (table === undefined) throw new Error(`no table ${name} was planned`);
    return table;
  }

  /** Verifies a table, in chunks of so many rows. */
  async verify(name: string, rowsPerChunk = 1_000, options: Partial<TableVerification> = {}): Promise<VerifiedPart> {
    const table = this.table(name);
    const ranges = rangesBetween(await this.source.chunkBounds(table, rowsPerChunk, NEVER));
    return verifyTable({
      source: this.source,
      target: this.target,
      table,
      ranges,
      mode: 'full',
      samplePercent: 5,
      seed: 'run-1',
      done: new Map(),
      onPart: () => Promise.resolve(),
      signal: NEVER,
      heartbeat: () => undefined,
      ...options,
    });
  }

  /** Runs a statement on the target, answers the mismatches there are then, and has `undo` mend it. */
  async damaged(name: string, damage: string, undo: string): Promise<Omit<Mismatch, 'table'>[]> {
    await this.onTarget(damage);
    const { examples, mismatches } = await this.verify(name);
    await this.onTarget(undo);
    if (mismatches !== examples.length) throw new Error(`${mismatches} mismatches, ${examples.length} named`);
    return examples.map(({ key, kind, columns }) => ({ key, kind, columns }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source[Symbol.asyncDispose]();
    await this.target[Symbol.asyncDispose]();
    await this.sourceDatabase.drop();
    await this.targetDatabase.drop();
  }
}
