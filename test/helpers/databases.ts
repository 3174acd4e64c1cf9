import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client, type QueryResult } from 'pg';

/** What the driver gives for one statement; for several it gives a list, which its types leave out. */
type Results = QueryResult<Record<string, unknown>>;

/** A database of a test's own. `await using` drops it, and so does `drop`. */
export interface FreshDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * Makes a database with a name that no other test has, on the server of an administrator's URL.
 * `options` follow the name in CREATE DATABASE, such as `CHARACTER SET latin1`.
 */
export async function freshDatabase(serverUrl: string, options = ''): Promise<FreshDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await execute(serverUrl, `CREATE DATABASE ${name} ${options}`);
  const drop = async (): Promise<void> => {
    const force = isPostgres(serverUrl) ? ' WITH (FORCE)' : '';
    await execute(serverUrl, `DROP DATABASE IF EXISTS ${name}${force}`);
  };
  return { name, url: url.href, drop, [Symbol.asyncDispose]: drop };
}

/** Runs statements, parted by semicolons, in a session of their own. */
export async function execute(url: string, sql: string): Promise<void> {
  await query(url, sql);
}

/** The rows of a query in a session of its own, each an object by column name, values as the driver decodes them. */
export async function query(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  if (isPostgres(url)) {
    const client = new Client({ connectionString: withDatabase(url, 'postgres') });
    await client.connect();
    try {
      const result: Results | Results[] = await (values.length === 0 ? client.query(sql) : client.query(sql, values));
      return [result].flat().at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  }
  const connection = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:'), multipleStatements: true });
  try {
    const [rows] = await connection.query(sql, values);
    return rows as Record<string, unknown>[];
  } finally {
    await connection.end();
  }
}

/** A session of a MySQL or MariaDB server. */
export interface MysqlSession {
  readonly id: string;
  readonly database: string | null;
  readonly state: string;
  readonly statement: string;
}

/**
 * The sessions of a MySQL or MariaDB server. Its information_schema has them, too, but cannot be read in MySQL 9 while
 * any session of the server runs a statement with characters beyond utf8mb3.
 */
export async function mysqlSessions(url: string): Promise<MysqlSession[]> {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return (await query(url, 'SHOW FULL PROCESSLIST')).map((row) => ({
    id: String(row['Id']),
    database: row['db'] as string | null,
    state: text(row['State']),
    statement: text(row['Info']),
  }));
}

/** The rows of each of several queries, all in one session. */
export async function queryEach(url: string, statements: readonly string[]): Promise<Record<string, unknown>[][]> {
  const text = statements.join(';\n');
  if (isPostgres(url)) {
    const client = new Client({ connectionString: withDatabase(url, 'postgres') });
    await client.connect();
    try {
      const results: Results | Results[] = await client.query(text);
      return [results].flat().map(({ rows }) => rows);
    } finally {
      await client.end();
    }
  }
  return (await query(url, text)) as unknown as Record<string, unknown>[][];
}

function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** A URL without a database leads PostgreSQL's clients to one named like the user, which need not exist. */
function withDatabase(url: string, database: string): string {
  const full = new URL(url);
  if (full.pathname === '/' || full.pathname === '') full.pathname = `/${database}`;
  return full.href;
}
