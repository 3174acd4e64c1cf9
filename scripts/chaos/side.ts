import { createConnection, type Connection } from 'mysql2/promise';
import { Client } from 'pg';

/** What became of a statement that failed. */
export type Failure =
  /** The side takes no writes, or the application may not write: another attempt is made later. */
  | 'refused'
  /** The connection is gone, or the server is. */
  | 'unreachable'
  /** The application's tables are not there any more, as after a rollback. */
  | 'gone'
  /** Anything else is nobody's plan. */
  | 'unexpected';

/** A session of the application, on either engine. Statements come as whole texts, several at once. */
export interface Side {
  /** The rows of the last statement, as lists. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>;
  hex(bytes: Buffer): string;
  failureOf(error: unknown): Failure;
  end(): Promise<void>;
}

export function openSide(url: string): Promise<Side> {
  return /^postgres(ql)?:/.test(url) ? PostgresSide.open(url) : MysqlSide.open(url);
}

/** Read-only servers, rights that were taken, a deadlock, a lock that was not given. */
const REFUSED_BY_MYSQL: readonly unknown[] = [1290, 1792, 1836, 1142, 1044, 1045, 1227, 1205, 1213];
/** A server that ends, or is not there yet. */
const UNREACHABLE_MYSQL: readonly unknown[] = [1053, 1040, 1152, 1927, 2006, 2013, 4031];

class MysqlSide implements Side {
  private constructor(private readonly connection: Connection) {}

  static async open(url: string): Promise<Side> {
    const connection = await createConnection({
      uri: url.replace(/^mariadb:/, 'mysql:'),
      charset: 'utf8mb4',
      timezone: 'Z',
      multipleStatements: true,
      rowsAsArray: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    });
    // Whoever queries over a connection that ends hears of it.
    connection.on('error', () => undefined);
    return new MysqlSide(connection);
  }

  async query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const [rows] = await this.connection.query(sql);
    return rows as unknown as readonly (readonly unknown[])[];
  }

  hex(bytes: Buffer): string {
    return `X'${bytes.toString('hex')}'`;
  }

  failureOf(error: unknown): Failure {
    const { errno } = error as { errno?: number };
    if (REFUSED_BY_MYSQL.includes(errno)) return 'refused';
    return errno === undefined || errno <= 0 || UNREACHABLE_MYSQL.includes(errno) ? 'unreachable' : 'unexpected';
  }

  end(): Promise<void> {
    this.connection.destroy();
    return Promise.resolve();
  }
}

class PostgresSide implements Side {
  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<Side> {
    const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' });
    client.on('error', () => undefined);
    await client.connect();
    return new PostgresSide(client);
  }

  async query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const results: unknown = await this.client.query({ text: sql, rowMode: 'array' });
    const last = [results].flat().at(-1) as { readonly rows: readonly (readonly unknown[])[] };
    return last.rows;
  }

  hex(bytes: Buffer): string {
    return `'\\x${bytes.toString('hex')}'`;
  }

  failureOf(error: unknown): Failure {
    const { code } = error as { code?: string };
    // A SQLSTATE; whatever else there is comes from the network or the driver.
    if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P|53)/.test(code)) return 'unreachable';
    if (/^(25006|42501|40P01|40001|55P03)$/.test(code)) return 'refused';
    return code === '42P01' ? 'gone' : 'unexpected';
  }

  async end(): Promise<void> {
    // A server that is gone does not answer a goodbye.
    await Promise.race([this.client.end(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  }
}
