import { createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { Client } from 'pg';
import { serverAddress } from './connect';

export type Value = string | number | Buffer | null;

/** The little that the application asks of a database, said the same way to MySQL, MariaDB and PostgreSQL. */
export interface ApplicationDatabase {
  /** Quotes a name that is a reserved word. */
  name(identifier: string): string;
  /** `?` stands for a value. */
  run(sql: string, values?: readonly Value[]): Promise<void>;
  /** Inserts one row; answers the `id` that the database gave it. */
  insert(sql: string, values: readonly Value[]): Promise<string>;
  /** The first column of every row, as text. */
  column(sql: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens the database with the URL's user, as an application would: no special rights, times in UTC. */
export async function openApplicationDatabase(url: string): Promise<ApplicationDatabase> {
  return /^postgres(ql)?:/.test(url) ? openPostgres(url) : openMysql(url);
}

async function openMysql(url: string): Promise<ApplicationDatabase> {
  const connection = await createConnection({ ...serverAddress(url), charset: 'utf8mb4' });
  // A broken connection also fails the statement that meets it, where it is handled.
  connection.on('error', () => undefined);
  await connection.query("SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES'");
  return {
    name: (identifier) => `\`${identifier}\``,
    run: async (sql, values = []) => {
      await connection.query(sql, [...values]);
    },
    insert: async (sql, values) => {
      const [{ insertId }] = await connection.query<ResultSetHeader>(sql, [...values]);
      return String(insertId);
    },
    column: async (sql) => {
      const [rows] = await connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
      return rows.map(([first]) => text(first));
    },
    close: () => {
      connection.destroy();
      return Promise.resolve();
    },
  };
}

async function openPostgres(url: string): Promise<ApplicationDatabase> {
  const client = new Client({ ...serverAddress(url), options: '-c TimeZone=UTC', application_name: 'shop' });
  client.on('error', () => undefined);
  await client.connect();
  return {
    name: (identifier) => `"${identifier}"`,
    run: async (sql, values = []) => {
      await client.query(numbered(sql), [...values]);
    },
    insert: async (sql, values) => {
      const { rows } = await client.query<{ id: unknown }>(`${numbered(sql)} RETURNING id`, [...values]);
      return text(rows[0]?.id);
    },
    column: async (sql) => {
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows.map(([first]) => text(first));
    },
    close: () => client.end(),
  };
}

/** The drivers give keys as numbers or, when those would not be exact, as text. */
function text(key: unknown): string {
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  throw new Error(`a key came as ${typeof key}`);
}

/** PostgreSQL numbers its placeholders. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${(count += 1)}`);
}
