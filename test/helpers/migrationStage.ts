import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MigrationRun } from '../../scripts/migrationRun';
import { findProgram, startMariadb, startMysql, type DatabaseServer } from '../../scripts/servers';
import { TemporalCli } from '../../scripts/temporalCli';
import { WorkerProcess } from '../../scripts/workerProcess';
import { compiledEntry } from './compiled';
import { execute, freshDatabase, type FreshDatabase } from './databases';
import { keepHistories } from './secretSearch';
import { sharedServers } from './servers';

export interface StageOptions {
  readonly flavour?: 'mysql' | 'mariadb';
  /** Statements that fill the source database, or what does. */
  readonly load: string | ((url: string) => Promise<unknown>);
  readonly settings?: Readonly<Record<string, string>>;
  /** A Temporal of the test's own instead of the shared one. */
  readonly temporalAddress?: string;
  /** A target server of the test's own instead of the shared one; removed with the stage. */
  readonly postgres?: Promise<DatabaseServer>;
}

/**
 * A source server of a test's own (a freeze stops every write on it), a fresh target database, and workers as real
 * processes; everything is driven by the Temporal CLI.
 */
export class MigrationStage implements AsyncDisposable {
  readonly workers: WorkerProcess[] = [];

  private constructor(
    readonly source: DatabaseServer,
    private readonly target: FreshDatabase,
    readonly cli: TemporalCli,
    readonly folder: string,
    readonly taskQueue: string,
    private readonly temporalAddress: string,
    private readonly ownTarget: DatabaseServer | undefined,
  ) {}

  static async open({
    flavour = 'mysql',
    load,
    settings = {},
    postgres,
    temporalAddress = sharedServers().temporalAddress,
  }: StageOptions): Promise<MigrationStage> {
    const { postgresUrl, temporalCli } = sharedServers();
    const ownTarget = await postgres;
    const [source, target, folder] = await Promise.all([
      flavour === 'mysql' ? startMysql({ settings }) : startMariadb({ settings }),
      freshDatabase(ownTarget?.url() ?? postgresUrl),
      mkdtemp(join(tmpdir(), 'temporal-migrate-test-')),
      compiledEntry('workers/main'),
    ]);
    const taskQueue = `test-${randomBytes(4).toString('hex')}`;
    const cli = new TemporalCli({ program: temporalCli, address: temporalAddress, taskQueue });
    const stage = new MigrationStage(source, target, cli, folder, taskQueue, temporalAddress, ownTarget);
    await execute(source.url(), 'CREATE DATABASE shop');
    if (typeof load === 'string') await execute(source.url('shop'), load);
    else await load(source.url('shop'));
    return stage;
  }

  get sourceUrl(): string {
    return this.source.url('shop');
  }

  /** The source as its application sees it: an administrator may write while a server is read-only, which no application may. */
  async applicationUrl(): Promise<string> {
    await execute(this.sourceUrl, `CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT ALL ON shop.* TO app@'%'`);
    return this.source.url('shop', 'app', 'app');
  }

  get targetUrl(): string {
    return this.target.url;
  }

  async startWorker(environment: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start({
      temporalAddress: this.temporalAddress,
      connections: { SHOP_MYSQL: this.sourceUrl, SHOP_PG: this.targetUrl },
      environment: {
        MIGRATION_TASK_QUEUE: this.taskQueue,
        MIGRATION_FILE_ROOTS: this.folder,
        MIGRATION_PG_DUMP: await findProgram('pg_dump'),
        ...environment,
      },
    });
    this.workers.push(worker);
    return worker;
  }

  async start(options: object = {}, type?: string): Promise<MigrationRun> {
    const run = new MigrationRun(this.cli, `shop-${randomBytes(4).toString('hex')}`);
    return run.start({ source: 'shop_mysql', target: 'shop_pg', ...options }, type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await keepHistories(this.temporalAddress);
    await this.source.remove();
    await this.target.drop();
    await this.ownTarget?.remove();
    await rm(this.folder, { recursive: true, force: true });
  }
}
