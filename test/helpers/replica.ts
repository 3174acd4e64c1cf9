import type { Connection } from 'mysql2/promise';
import { startMariadb, startMysql, type DatabaseServer } from '../../scripts/servers';
import { connect, type Flavour } from '../scenarios/mysqlSource/stage';
import { execute, query } from './databases';

/** A small database `shop` to be replicated. */
export const REPLICATED =
  'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT); INSERT INTO t (n) VALUES (1), (2), (3)';
/** A login that may read, and not ask how replication stands. */
const READER = "CREATE USER reader@'%' IDENTIFIED BY 'reader'; GRANT SELECT ON shop.* TO reader@'%'";

/** A replica of a source's database `shop`, filled with REPLICATED, and what holds up its applier. */
export class Replica implements AsyncDisposable {
  private constructor(
    readonly server: DatabaseServer,
    private readonly source: DatabaseServer,
    private readonly locks: Connection,
    private readonly words: { start: string; stop: string },
  ) {}

  static async of(source: DatabaseServer, flavour: Flavour): Promise<Replica> {
    const settings = { 'server-id': '77' };
    const server = await (flavour === 'mysql' ? startMysql({ settings }) : startMariadb({ settings }));
    await execute(
      source.url(),
      `CREATE USER repl@'%' IDENTIFIED BY 'repl'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'`,
    );
    await execute(server.url(), `CREATE DATABASE shop; USE shop; ${REPLICATED}; ${READER}`);
    const [now] = await query(source.url(), flavour === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
    const from = `HOST = '127.0.0.1', ?_PORT = ${source.port}, ?_USER = 'repl', ?_PASSWORD = 'repl',
      ?_LOG_FILE = '${String(now?.['File'])}', ?_LOG_POS = ${String(now?.['Position'])}`;
    const [words, change] =
      flavour === 'mysql'
        ? [
            { start: 'START REPLICA', stop: 'STOP REPLICA' },
            `CHANGE REPLICATION SOURCE TO SOURCE_${from.replaceAll('?', 'SOURCE')}, GET_SOURCE_PUBLIC_KEY = 1`,
          ]
        : [{ start: 'START SLAVE', stop: 'STOP SLAVE' }, `CHANGE MASTER TO MASTER_${from.replaceAll('?', 'MASTER')}`];
    await execute(server.url(), `${change}; ${words.start}`);
    return new Replica(server, source, await connect(server.url('shop')), words);
  }

  /** Has it fall behind: it cannot apply a change that the source dates back by so many seconds. */
  async fallBehind(seconds: number): Promise<void> {
    await this.locks.query('LOCK TABLES t READ');
    await execute(
      this.source.url('shop'),
      `SET TIMESTAMP = UNIX_TIMESTAMP() - ${seconds}; INSERT INTO t (n) VALUES (4)`,
    );
  }

  async catchUp(): Promise<void> {
    await this.locks.query('UNLOCK TABLES');
  }

  async stop(): Promise<void> {
    await execute(this.server.url(), this.words.stop);
  }

  async start(): Promise<void> {
    await execute(this.server.url(), this.words.start);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.locks.destroy();
    await this.server.remove();
  }
}
