import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../../scripts/servers/ports';
import { run } from '../../../scripts/servers/run';
import { execute } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { sharedServers } from '../../helpers/servers';
import { stateOf } from '../../helpers/untouched';

const LOAD = `
  CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(200) NOT NULL);
  CREATE TABLE orders (id INT PRIMARY KEY, item INT, FOREIGN KEY (item) REFERENCES items (id));
  INSERT INTO items (words) VALUES ('one'), ('two');
  INSERT INTO orders VALUES (1, 1);`;

/**
 * One source, one target and one worker for every bad input: nothing of them may change, so all can share them. The
 * worker knows a connection for each way in which a connection can be wrong.
 */
export class BadInputStage implements AsyncDisposable {
  private reading: Promise<unknown> = Promise.resolve();
  private next: Promise<string> | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly role = `poor_${randomBytes(4).toString('hex')}`;

  private constructor(
    readonly migrations: MigrationStage,
    readonly client: Client,
    private readonly silent: Server,
  ) {}

  static async open(): Promise<BadInputStage> {
    const { temporalAddress } = sharedServers();
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const migrations = await MigrationStage.open({ load: LOAD });
    const connection = await Connection.connect({ address: temporalAddress, connectTimeout: '1 minute' });
    const stage = new BadInputStage(migrations, new Client({ connection }), silent);
    silent.on('connection', (socket) => stage.sockets.add(socket.on('error', () => undefined)));
    await stage.prepare();
    return stage;
  }

  private async prepare(): Promise<void> {
    const { sourceUrl, targetUrl, folder } = this.migrations;
    const password = randomBytes(12).toString('hex');
    await execute(
      sourceUrl,
      `CREATE USER reader@'%' IDENTIFIED BY '${password}'; GRANT SELECT ON shop.* TO reader@'%';
       CREATE USER nobody@'%' IDENTIFIED BY '${password}';`,
    );
    await execute(
      targetUrl,
      `CREATE SCHEMA taken; CREATE TABLE taken.items (id int); INSERT INTO taken.items VALUES (7);
       CREATE ROLE ${this.role} LOGIN PASSWORD '${password}'`,
    );
    const hollow = join(folder, 'hollow');
    await writeFile(hollow, '\n');
    const as = (
      url: string,
      changes: Partial<Pick<URL, 'username' | 'password' | 'port' | 'hostname' | 'pathname'>>,
    ): string => Object.assign(new URL(url), changes).href;
    const silentPort = String((this.silent.address() as AddressInfo).port);
    const closedPort = String(await freePort());
    const connections: Record<string, string> = {
      EMPTY: '',
      WORDS: `root ${password} on db`,
      REDIS: `redis://u:${password}@127.0.0.1/0`,
      HOSTLESS: `mysql://u:${password}@/shop`,
      USERLESS: 'mysql://127.0.0.1/shop',
      BASELESS: as(targetUrl, { pathname: '' }),
      PERCENT: 'mysql://u:%zz@127.0.0.1/shop',
      PARAMETER: `${sourceUrl}?charset=latin1`,
      MODE: `${sourceUrl}?ssl=perhaps`,
      AUTHORITY: `${sourceUrl}?ssl=verify-full&sslca=${join(folder, 'nosuch.pem')}`,
      MISSING_FILE: join(folder, 'nosuch'),
      HOLLOW_FILE: hollow,
      TWICE: sourceUrl,
      TWICE_FILE: hollow,
      OTHER_PG: targetUrl,
      OTHER_MYSQL: sourceUrl,
      WRONG_PASSWORD: as(sourceUrl, { password: `x${password}` }),
      WRONG_PASSWORD_PG: as(targetUrl, { password: `x${password}` }),
      CLOSED: as(sourceUrl, { port: closedPort }),
      CLOSED_PG: as(targetUrl, { port: closedPort }),
      NAMELESS: as(sourceUrl, { hostname: 'nowhere.invalid' }),
      SILENT: as(sourceUrl, { port: silentPort }),
      SILENT_PG: as(targetUrl, { port: silentPort }),
      UNMADE: as(sourceUrl, { pathname: '/unmade' }),
      UNMADE_PG: as(targetUrl, { pathname: '/unmade' }),
      READER: as(sourceUrl, { username: 'reader', password }),
      NOBODY: as(sourceUrl, { username: 'nobody', password }),
      POOR: as(targetUrl, { username: this.role, password }),
    };
    await this.migrations.startWorker(
      Object.fromEntries(Object.entries(connections).map(([name, url]) => [`MIGRATION_CONNECTION_${name}`, url])),
    );
  }

  /**
   * What nothing may have touched, read after this call. Reading takes its time, so that all who ask meanwhile share
   * the reading that begins next.
   */
  state(): Promise<string> {
    const begun = this.reading;
    this.next ??= begun.then(() => {
      this.next = undefined;
      const state = stateOf(this.migrations.sourceUrl, this.migrations.targetUrl);
      this.reading = state.catch(() => undefined);
      return state;
    });
    return this.next;
  }

  /** Starts a workflow with exactly these arguments; its id. */
  async start(type: string, given: readonly unknown[]): Promise<string> {
    const workflowId = `bad-${randomBytes(6).toString('hex')}`;
    await this.client.workflow.start(type, { workflowId, taskQueue: this.migrations.taskQueue, args: [...given] });
    return workflowId;
  }

  /** The same with JSON as it is written. */
  async startJson(type: string, json: string): Promise<string> {
    const workflowId = `bad-${randomBytes(6).toString('hex')}`;
    const { temporalCli, temporalAddress } = sharedServers();
    const words = ['workflow', 'start', '--type', type, '--workflow-id', workflowId, '--address', temporalAddress];
    await run(temporalCli, [...words, '--task-queue', this.migrations.taskQueue, '--input', json]);
    return workflowId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.silent.close();
    await this.client.connection.close();
    await execute(this.migrations.targetUrl, `DROP OWNED BY ${this.role}; DROP ROLE ${this.role}`);
    await this.migrations[Symbol.asyncDispose]();
  }
}
