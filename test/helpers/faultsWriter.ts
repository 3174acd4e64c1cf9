import { setTimeout as wait } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { execute } from './databases';

const USER = 'application';
const PASSWORD = 'application';
/** How soon a write that failed is tried again, on a new connection. */
const RETRY_MS = 100;
/** Between two writes. */
const PAUSE_MS = 20;

/** An ordinary application that writes all the time, and remembers what its database confirmed to it. */
export class FaultsWriter implements AsyncDisposable {
  /** E-mail addresses of customers whose insertion was committed. */
  readonly confirmed: string[] = [];
  private readonly stopping = new AbortController();
  private readonly writing: Promise<void>;
  private connection: Connection | null = null;

  private constructor(private readonly url: string) {
    this.writing = this.write();
  }

  /** `sourceUrl` is the administrator's; the application has a login of its own, which a freeze stops. */
  static async start(sourceUrl: string): Promise<FaultsWriter> {
    await execute(
      sourceUrl,
      `CREATE USER ${USER} IDENTIFIED BY '${PASSWORD}'; GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO ${USER}`,
    );
    const url = new URL(sourceUrl);
    [url.protocol, url.username, url.password] = ['mysql:', USER, PASSWORD];
    return new FaultsWriter(url.href);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort();
    await this.writing;
    this.connection?.destroy();
  }

  private async write(): Promise<void> {
    for (let turn = 1; !this.stopping.signal.aborted; turn += 1) {
      try {
        await this.transaction(turn);
        await wait(PAUSE_MS);
      } catch {
        // Refused, or the server is down: an application tries again.
        this.connection?.destroy();
        this.connection = null;
        await wait(RETRY_MS);
      }
    }
  }

  /** Each turn touches keys everywhere in the tables, so also in chunks that have been copied. */
  private async transaction(turn: number): Promise<void> {
    this.connection ??= await this.connect();
    const email = `written-${turn}@example.com`;
    await this.connection.query(
      `START TRANSACTION;
       INSERT INTO customers (email, name, balance, joined) VALUES ('${email}', 'written', ${turn}, NOW(6));
       INSERT INTO order_lines SELECT MAX(id), 1, 'written', ${turn} FROM customers;
       UPDATE articles SET price = ${turn % 100000} WHERE title = 'Titel 😀 ${(turn * 977) % 5000}';
       DELETE FROM order_lines WHERE customer_id = ${(turn * 131) % 4000} AND line = 0;
       INSERT INTO journal VALUES (NOW(3), 'written', ${turn});
       UPDATE journal SET amount = ${turn} WHERE what = 'Vorgang ${turn % 1000}' LIMIT 1;
       COMMIT`,
    );
    this.confirmed.push(email);
  }

  private async connect(): Promise<Connection> {
    const connection = await createConnection({ uri: this.url, multipleStatements: true, charset: 'utf8mb4' });
    connection.on('error', () => undefined);
    return connection;
  }
}
