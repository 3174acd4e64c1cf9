import type { Connection } from 'mysql2/promise';
import { startMariadb, startMysql, type DatabaseServer } from '../../scripts/servers';
import { connect, openSource, settingsOf, type Flavour } from '../scenarios/mysqlSource/stage';
import type { Source } from '../../engines/engine';
import { execute, query } from './databases';

/** What docs/operations.md says that the migration's login needs, and nothing else. */
const RIGHTS = {
  mysql: 'PROCESS, CREATE USER, CONNECTION_ADMIN, REPLICATION CLIENT, XA_RECOVER_ADMIN, SYSTEM_USER',
  mariadb: 'PROCESS, CREATE USER, CONNECTION ADMIN, SLAVE MONITOR',
} as const;
/** What the stage's accounts can do in the database, for the login to take and give back. */
const WRITES =
  'INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER, CREATE VIEW, TRIGGER, EXECUTE, ALTER ROUTINE, CREATE ROUTINE, EVENT';

const DATABASES = `
  CREATE DATABASE shop; CREATE DATABASE other;
  CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, n INT, note VARCHAR(20));
  CREATE TABLE shop.old (id INT) ENGINE = MyISAM;
  CREATE TABLE other.t (id INT AUTO_INCREMENT PRIMARY KEY, n INT);
  INSERT INTO shop.t (n) VALUES (0), (0); INSERT INTO other.t (n) VALUES (0);
  CREATE PROCEDURE shop.add_one() INSERT INTO shop.t (n) VALUES (1);`;

/** Grants that make mover@'%' the migration's login, for a freeze by accounts of the database `shop`. */
export function moverRights(flavour: Flavour): string {
  const history = flavour === 'mariadb' ? ', DELETE HISTORY' : '';
  return `GRANT SELECT, SHOW VIEW ON shop.* TO mover@'%'; GRANT SELECT ON mysql.* TO mover@'%';
    GRANT ${WRITES}${history} ON shop.* TO mover@'%' WITH GRANT OPTION; GRANT ${RIGHTS[flavour]} ON *.* TO mover@'%'`;
}

/** One account of each way to write, one that only reads, and one of another database. */
const ACCOUNTS = `
  CREATE USER app@'%' IDENTIFIED BY 'x', columns@'%' IDENTIFIED BY 'x', caller@'%' IDENTIFIED BY 'x',
    member@'%' IDENTIFIED BY 'x', everywhere@'%' IDENTIFIED BY 'x', reader@'%' IDENTIFIED BY 'x',
    neighbour@'%' IDENTIFIED BY 'x', locked@'%' IDENTIFIED BY 'x', mover@'%' IDENTIFIED BY 'x';
  ALTER USER locked@'%' ACCOUNT LOCK;
  CREATE ROLE writers;
  GRANT ALL ON shop.* TO app@'%' WITH GRANT OPTION;
  GRANT SELECT, INSERT (n, note), UPDATE (note) ON shop.t TO columns@'%';
  GRANT EXECUTE ON PROCEDURE shop.add_one TO caller@'%';
  GRANT SELECT, INSERT ON shop.* TO writers; GRANT writers TO member@'%';
  GRANT SELECT, INSERT, UPDATE ON *.* TO everywhere@'%'; GRANT ALL ON *.* TO locked@'%';
  GRANT SELECT ON shop.* TO reader@'%'; GRANT SELECT ON other.* TO reader@'%';
  GRANT ALL ON other.* TO neighbour@'%';`;

/** A server of a test's own, for a freeze locks out whoever can write to every database, the administrator too. */
export class AccountsStage implements AsyncDisposable {
  private readonly opened: AsyncDisposable[] = [];

  private constructor(
    readonly server: DatabaseServer,
    readonly flavour: Flavour,
  ) {}

  static async open(flavour: Flavour): Promise<AccountsStage> {
    const server = await (flavour === 'mysql' ? startMysql() : startMariadb());
    const defaultRole = flavour === 'mysql' ? 'SET DEFAULT ROLE ALL TO member' : 'SET DEFAULT ROLE writers FOR member';
    await execute(
      server.url(),
      `${DATABASES} ${ACCOUNTS} ${defaultRole};
       ${moverRights(flavour)}`,
    );
    return new AccountsStage(server, flavour);
  }

  /** A URL of one of the stage's accounts; the administrator's cannot be used while the source is frozen. */
  url(user: string, database = 'shop'): string {
    return user === 'admin' ? this.server.url(database) : this.server.url(database, user, 'x');
  }

  /** Opened by the migration's login. */
  async source(): Promise<Source> {
    const source = await openSource(settingsOf(this.url('mover')));
    this.opened.push(source);
    return source;
  }

  async session(user: string, database?: string): Promise<Connection> {
    const connection = await connect(this.url(user, database));
    this.opened.push({
      [Symbol.asyncDispose]: () => {
        connection.destroy();
        return Promise.resolve();
      },
    });
    return connection;
  }

  async run(user: string, sql: string, database?: string): Promise<void> {
    await execute(this.url(user, database), sql);
  }

  /** Why a statement fails, or null. */
  async refusal(user: string, sql: string): Promise<string | null> {
    return this.run(user, sql).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
  }

  /** Every account and role as the server describes it, with its grants. */
  async accounts(): Promise<Record<string, string[]>> {
    const users = await query(
      this.url('mover'),
      this.flavour === 'mysql'
        ? "SELECT User AS user, Host AS host, 'N' AS role FROM mysql.user WHERE User NOT LIKE 'mysql.%'"
        : "SELECT User AS user, Host AS host, COALESCE(JSON_VALUE(Priv, '$.is_role'), 'N') AS role FROM mysql.global_priv WHERE Host IN ('', '%', 'localhost')",
    );
    const described: Record<string, string[]> = {};
    for (const { user, host, role } of users) {
      const name =
        user === 'PUBLIC' ? 'PUBLIC' : role === 'N' ? `\`${String(user)}\`@\`${String(host)}\`` : `\`${String(user)}\``;
      const about = role === 'N' ? await query(this.url('mover'), `SHOW CREATE USER ${name}`) : [];
      const grants = await query(this.url('mover'), `SHOW GRANTS FOR ${name}`);
      described[name] = [...about, ...grants].map((row) => inOrder(Object.values(row).join())).sort();
    }
    return described;
  }

  async closeSessions(): Promise<void> {
    for (const opened of this.opened.splice(0)) await opened[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeSessions();
    await this.server.remove();
  }
}

/** A server lists the columns of a grant in an order of its own, which changes by itself. */
function inOrder(grant: string): string {
  return grant.replaceAll(/\(([^)]*)\)/g, (_, columns: string) => `(${columns.split(', ').sort().join(', ')})`);
}
