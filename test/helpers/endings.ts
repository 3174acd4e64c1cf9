import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledFailure, Connection, WorkflowFailedError } from '@temporalio/client';
import { findProgram, startMysql, type DatabaseServer } from '../../scripts/servers';
import { WorkerProcess } from '../../scripts/workerProcess';
import { compiledEntry } from './compiled';
import { execute, freshDatabase, type FreshDatabase } from './databases';
import { FaultyRun } from './faultsRun';
import { Supervisor } from './faultsSupervisor';
import { until } from './faultsUntil';
import { sharedServers } from './servers';

/** What every case migrates: two tables, one refers to the other; some rows. The application may write to it. */
const SHOP = `
  CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(60) NOT NULL, mood ENUM('fine', 'bad'), born DATE, UNIQUE KEY customer_email (email));
  CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL, note TEXT, KEY of_customer (customer_id),
    CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE);
  INSERT INTO customers (email, mood, born) VALUES ('ann@example.com', 'fine', '1990-01-02'), ('bob@example.com', 'bad', NULL), ('eve@example.com', NULL, '2001-01-01');
  INSERT INTO orders (customer_id, note) VALUES (1, 'one'), (1, 'two'), (2, NULL), (3, 'tab\\tand ''quote''');`;

/** What is on the target and nobody's but its owner's. */
const SOMEBODY_ELSES = `
  CREATE TYPE mood AS ENUM ('fine');
  CREATE TABLE diary (day date PRIMARY KEY, mood mood);
  INSERT INTO diary VALUES ('2020-02-02', 'fine');
  CREATE SCHEMA archive;
  CREATE TABLE archive.orders (id int PRIMARY KEY, note text DEFAULT 'kept');
  INSERT INTO archive.orders VALUES (7);
  CREATE FUNCTION archive.answer() RETURNS int LANGUAGE sql AS 'SELECT 42';
  COMMENT ON TABLE diary IS 'mine';`;

type Moment = 'begun' | 'done';
type Order = 'hold' | 'fail' | 'kill';

/** A source server with a database for each case, which have a target database each: cases run side by side. */
export class EndingStage implements AsyncDisposable {
  private constructor(
    readonly source: DatabaseServer,
    private readonly connection: Connection,
    readonly folder: string,
  ) {}

  static async open(): Promise<EndingStage> {
    const [source, folder] = await Promise.all([
      startMysql(),
      mkdtemp(join(tmpdir(), 'temporal-migrate-endings-')),
      compiledEntry('workers/main'),
    ]);
    // Whoever can write everywhere is locked by each case's freeze, and unlocked by the first one that ends.
    await execute(source.url(), `DROP USER IF EXISTS root@localhost`);
    return new EndingStage(source, await Connection.connect({ address: sharedServers().temporalAddress }), folder);
  }

  /** Databases of its own, filled; a worker that is replaced when it dies; nothing is started yet. */
  async prepare(): Promise<EndingCase> {
    const { postgresUrl, temporalAddress } = sharedServers();
    const name = `c${randomBytes(4).toString('hex')}`;
    const target = await freshDatabase(postgresUrl);
    const orders = join(this.folder, name);
    await mkdir(orders);
    await execute(this.source.url(), `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await execute(
      this.source.url(name),
      `${SHOP} CREATE USER ${name}@'%' IDENTIFIED BY 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.* TO ${name}@'%'`,
    );
    await execute(
      target.url,
      `${SOMEBODY_ELSES} CREATE ROLE ${name} LOGIN; GRANT SELECT ON diary TO ${name}; GRANT USAGE ON SCHEMA archive TO ${name}`,
    );
    const pgDump = await findProgram('pg_dump');
    const supervisor = new Supervisor(
      () =>
        WorkerProcess.start({
          temporalAddress,
          connections: { SHOP_MYSQL: this.source.url(name), SHOP_PG: target.url },
          environment: {
            MIGRATION_TASK_QUEUE: name,
            MIGRATION_FILE_ROOTS: orders,
            MIGRATION_FAULT_FOLDER: orders,
            MIGRATION_PG_DUMP: pgDump,
          },
        }),
      orders,
      [],
    );
    const prepared = new EndingCase(
      name,
      this.source.url(name),
      this.source.url(name, name, 'x'),
      target,
      orders,
      this.connection,
      supervisor,
    );
    return prepared;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
    await this.source.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** One migration that is led to a certain phase, and made to end there. */
export class EndingCase implements AsyncDisposable {
  private started: FaultyRun | null = null;
  private runs = 0;

  constructor(
    /** Also of the source's database, of the application's account there, and of a role on the target. */
    readonly name: string,
    readonly sourceUrl: string,
    readonly applicationUrl: string,
    private readonly target: FreshDatabase,
    readonly folder: string,
    private readonly connection: Connection,
    readonly supervisor: Supervisor,
  ) {}

  get targetUrl(): string {
    return this.target.url;
  }

  /** The file that stands for the application's traffic. */
  get switchFile(): string {
    return join(this.folder, 'traffic');
  }

  get run(): FaultyRun {
    if (this.started === null) throw new Error('this case has not been started');
    return this.started;
  }

  /** Freezes by accounts, which stops nobody but this case's application: the server is shared. */
  async start(
    options: { readonly cutover?: object; readonly backup?: object; readonly trial?: object } = {},
  ): Promise<FaultyRun> {
    await writeFile(this.switchFile, 'mysql');
    const switchStep = { kind: 'file', path: this.switchFile, content: 'postgres' };
    const input = {
      source: 'shop_mysql',
      target: 'shop_pg',
      targetGrants: [{ role: this.name, privileges: 'readWrite' }],
      // Where a case is about one of these, it says so.
      backup: { mode: 'none' },
      trial: { percent: 0 },
      observe: { duration: '1 second' },
      ...options,
      cutover: { freeze: 'accounts', switch: [switchStep], ...options.cutover },
    };
    this.started = await FaultyRun.start(this.connection, this.name, `${this.name}-${(this.runs += 1)}`, input);
    return this.started;
  }

  async order(moment: Moment, activityType: string, order: Order): Promise<void> {
    await writeFile(this.orderFile(moment, activityType), order);
  }

  /** Lets go on what is held, or fails, there. */
  async release(moment: Moment, activityType: string): Promise<void> {
    await rm(this.orderFile(moment, activityType), { force: true });
  }

  /** Waits until an activity has come to where it is held. */
  async untilHeld(moment: Moment, activityType: string): Promise<void> {
    await until(`${this.name} is held at ${moment}.${activityType}`, () =>
      existsSync(`${this.orderFile(moment, activityType)}.met`),
    );
  }

  /** Approves as soon as it is asked for; does nothing more when the migration ends, or is held, before. */
  async approveWhenAsked(): Promise<void> {
    const asked = await until(`${this.name} is held or asks`, async () => {
      if ((await readdir(this.folder)).some((file) => file.endsWith('.met'))) return 'held';
      return (await this.run.progress())?.waitingFor ?? null;
    });
    if (asked === 'approval') await this.run.signal('approveCutover', { approver: 'ann' });
  }

  /** How it ended: its outcome, or the status of one that had none. */
  async ending(): Promise<string> {
    try {
      return (await this.run.result()).outcome;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return error.cause instanceof CancelledFailure ? 'CANCELLED' : 'FAILED';
    }
  }

  /** Adds what the workers said to whatever fails. */
  async accountable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`${said}\n${this.supervisor.log}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor[Symbol.asyncDispose]();
    await this.target.drop();
    await execute(this.targetServerUrl(), `DROP ROLE IF EXISTS ${this.name}`);
  }

  private targetServerUrl(): string {
    return sharedServers().postgresUrl;
  }

  private orderFile(moment: Moment, activityType: string): string {
    return join(this.folder, `${moment}.${activityType}`);
  }
}
