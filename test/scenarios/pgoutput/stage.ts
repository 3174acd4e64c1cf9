import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { CanonicalType } from '../../../domain/canonicalType';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import type { PlannedTable } from '../../../domain/plan';
import type { Position } from '../../../domain/position';
import { postgresChanges, type PostgresChanges } from '../../../engines/postgres/changes';
import { connect } from '../../../engines/postgres/connection';
import { createControlStore } from '../../../engines/postgres/control';
import { parseType } from '../../../engines/postgres/types';
import type { DatabaseServer } from '../../../scripts/servers';
import { column, parts, table } from '../../helpers/catalogs';
import { execute, freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { planned } from '../mysqlSource/stage';
import { follow, type Followed } from '../binlog/following';

const STREAM = 'back';
export const PATIENCE_MS = 20_000;

const COLUMNS = `select relname, attname, format_type(atttypid, atttypmod) as type, attgenerated <> '' as generated,
    (select array_agg(enumlabel::text order by enumsortorder) from pg_enum where enumtypid = atttypid) as labels,
    coalesce((select attnum = any(indkey) from pg_index where indrelid = c.oid and indisprimary), false) as key
  from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
  where nspname = 'public' and relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped
  order by relname, attnum`;

/** Plans of the tables of a database's schema public that keep every column as it is. */
export async function plansOf(url: string): Promise<PlannedTable[]> {
  const tables = new Map<string, Record<string, unknown>[]>();
  // A type that is not built in is spelled with its schema only where that is not searched.
  const session = new Client({ connectionString: url, options: '-c search_path=pg_catalog' });
  await session.connect();
  for (const row of (await session.query<Record<string, unknown>>(COLUMNS)).rows) {
    const name = String(row['relname']);
    tables.set(name, [...(tables.get(name) ?? []), row]);
  }
  await session.end();
  return [...tables].map(([name, rows]) => {
    const columns = rows.map((row) => {
      const type = String(row['type']);
      const generated = row['generated'] === true ? { expression: '', stored: true } : null;
      return column(String(row['attname']), type, canonicalType(type, row['labels'] as string[] | null), { generated });
    });
    const key = rows.filter((row) => row['key'] === true).map((row) => String(row['attname']));
    const plan = planned(table(name, columns, { primaryKey: key.length === 0 ? null : parts(...key) }));
    return { ...plan, columns: plan.columns.filter(({ source }) => source.generated === null) };
  });
}

function canonicalType(type: string, labels: readonly string[] | null): CanonicalType {
  if (labels !== null) return { kind: 'enum', labels };
  if (type === 'text[]') return { kind: 'set', labels: [] };
  const parsed = parseType(type);
  if (parsed === null) throw new Error(`the tests have no column of the type ${type}`);
  return parsed;
}

export interface StageOptions {
  /** Another way to the server, such as through a proxy, for the stream alone. */
  readonly port?: number;
  readonly ownOrigin?: string;
  readonly tellsPartialRows?: boolean;
  /** Run between the publication and the slot. */
  readonly published?: string;
}

/** A database of a server whose log is followed, and a session that writes into it. */
export class PgoutputStage implements AsyncDisposable {
  private constructor(
    private readonly database: FreshDatabase,
    readonly runId: string,
    readonly changes: PostgresChanges,
    readonly session: Client,
    readonly plans: readonly PlannedTable[],
    /** Where the slot begins. */
    readonly from: Position,
  ) {}

  static async open(server: DatabaseServer, sql: string, options: StageOptions = {}): Promise<PgoutputStage> {
    const database = await freshDatabase(server.url());
    await execute(database.url, sql);
    const runId = `run-${randomBytes(4).toString('hex')}`;
    const epoch = await openRun(database.url, runId);
    const streamUrl = new URL(database.url);
    if (options.port !== undefined) streamUrl.port = String(options.port);
    const changes = postgresChanges(parseDatabaseUrl('followed', streamUrl.href), {
      work: { runId, epoch, lane: STREAM },
      schema: 'public',
      ownOrigin: options.ownOrigin ?? null,
      tellsPartialRows: options.tellsPartialRows ?? false,
    });
    const plans = await plansOf(database.url);
    await changes.publish(plans);
    if (options.published !== undefined) await execute(database.url, options.published);
    const from = await changes.start(PATIENCE_MS);
    const session = new Client({ connectionString: database.url });
    session.on('error', () => undefined);
    await session.connect();
    return new PgoutputStage(database, runId, changes, session, plans, from);
  }

  get url(): string {
    return this.database.url;
  }

  /** Runs statements one after the other in the one session that writes. */
  async write(...statements: readonly string[]): Promise<void> {
    for (const sql of statements) await this.session.query(sql);
  }

  /** Follows the log up to where it stands now. */
  async follow(from: Position = this.from): Promise<Followed> {
    return follow(this.changes, this.plans, from, await this.changes.end());
  }

  query(sql: string): Promise<Record<string, unknown>[]> {
    return query(this.url, sql);
  }

  /** One value, as text. */
  async value(sql: string): Promise<string> {
    return String(Object.values((await this.query(sql))[0] ?? {})[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.end();
    await this.changes.drop();
    await this.database.drop();
  }
}

async function openRun(url: string, runId: string): Promise<number> {
  await using session = await connect(parseDatabaseUrl('target', url));
  const names = { workflowId: 'w', sourceName: 's', targetName: 't', fingerprint: 'f' };
  return await createControlStore(session).openRun({ runId, ...names });
}

/** Changes as `table kind first-cell`, in order and by transaction; the first column tells rows apart. */
export function told({ transactions }: Pick<Followed, 'transactions'>): string[][] {
  return transactions
    .map(({ changes }) =>
      changes.map(({ kind, table: name, before, after }) => `${name} ${kind} ${String((after ?? before)?.[0])}`),
    )
    .filter((changes) => changes.length > 0);
}
