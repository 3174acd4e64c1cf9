import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { findProgram, startMariadb, startMysql, type DatabaseServer, type RunningServer } from '../../scripts/servers';
import { WorkerProcess } from '../../scripts/workerProcess';
import { compiledEntry } from './compiled';
import { execute, freshDatabase } from './databases';
import { FaultyMigration } from './faultsMigration';
import { FaultyRun } from './faultsRun';
import { FAULTS_SOURCE, type FaultsSource } from './faultsSource';
import { Supervisor, type StartWorker, type WorkerOptions } from './faultsSupervisor';
import { keepHistories } from './secretSearch';
import { sharedServers } from './servers';

export interface FaultStageOptions {
  readonly flavour?: 'mysql' | 'mariadb';
  /** What the source holds. */
  readonly holds?: FaultsSource;
  /**
   * The source is read-only by itself, which counts as frozen and stays so: several migrations can then copy it side by
   * side. Without it, a migration freezes the whole server and has it for itself.
   */
  readonly readOnly?: boolean;
  /** Servers of the test's own instead of the shared ones; removed with the stage. */
  readonly postgres?: Promise<DatabaseServer>;
  readonly temporal?: Promise<RunningServer & { readonly address: string }>;
}

export interface MigrateOptions extends WorkerOptions {
  /** Of the migration's input, what is not as here by default. */
  readonly copy?: object;
  readonly cutover?: object;
  readonly trial?: object;
}

/** A source server of a test's own, and migrations of it, each into a database of its own. */
export class FaultStage implements AsyncDisposable {
  /** Workers before the databases they would hold. */
  private readonly opened: AsyncDisposable[] = [];

  private constructor(
    readonly source: DatabaseServer,
    readonly temporalAddress: string,
    readonly postgresUrl: string,
    private readonly connection: Connection,
    readonly folder: string,
    private readonly servers: readonly RunningServer[],
    private readonly holds: FaultsSource,
  ) {}

  static async open({
    flavour = 'mysql',
    holds = FAULTS_SOURCE,
    readOnly = false,
    postgres,
    temporal,
  }: FaultStageOptions): Promise<FaultStage> {
    const [source, folder, ownPostgres, ownTemporal] = await Promise.all([
      flavour === 'mysql' ? startMysql() : startMariadb(),
      mkdtemp(join(tmpdir(), 'temporal-migrate-faults-')),
      postgres,
      temporal,
      compiledEntry('workers/main'),
    ]);
    await execute(source.url(), 'CREATE DATABASE shop CHARACTER SET utf8mb4');
    await holds.load(source.url('shop'));
    if (readOnly) await execute(source.url(), 'SET GLOBAL super_read_only = ON');
    const address = ownTemporal?.address ?? sharedServers().temporalAddress;
    return new FaultStage(
      source,
      address,
      ownPostgres?.url() ?? sharedServers().postgresUrl,
      await Connection.connect({ address }),
      folder,
      [source, ownPostgres, ownTemporal].filter((server) => server !== undefined),
      holds,
    );
  }

  get sourceUrl(): string {
    return this.source.url('shop');
  }

  /** Starts a migration into a fresh database, with a supervised worker that serves only it. */
  async migrate({ copy, cutover, trial, ...firstWorker }: MigrateOptions = {}): Promise<FaultyMigration> {
    const target = await freshDatabase(this.postgresUrl);
    this.opened.push(target);
    const id = `faults-${randomBytes(4).toString('hex')}`;
    const pgDump = await findProgram('pg_dump');
    const startWorker = ({ faults = [], ...addresses }: WorkerOptions): Supervisor => {
      const start: StartWorker = (environment) =>
        WorkerProcess.start({
          temporalAddress: addresses.temporalAddress ?? this.temporalAddress,
          connections: {
            SHOP_MYSQL: throughAddress(this.sourceUrl, addresses.sourceAddress),
            SHOP_PG: throughAddress(target.url, addresses.targetAddress),
          },
          environment: {
            MIGRATION_TASK_QUEUE: id,
            MIGRATION_FILE_ROOTS: this.folder,
            MIGRATION_PG_DUMP: pgDump,
            ...environment,
          },
        });
      const supervisor = new Supervisor(start, this.folder, faults);
      this.opened.unshift(supervisor);
      return supervisor;
    };
    const switchFile = join(this.folder, `${id}.json`);
    const run = await FaultyRun.start(this.connection, id, id, {
      source: 'shop_mysql',
      target: 'shop_pg',
      copy: { chunkBytes: 65_536, parallelism: 2, ...copy },
      // Faults are meant for the migration itself; a test of the trial says so.
      trial: { percent: 0, ...trial },
      cutover: { switch: [{ kind: 'file', path: switchFile, content: 'postgres' }], ...cutover },
    });
    const migration = new FaultyMigration(this.sourceUrl, target.url, switchFile, run, this.holds.built, startWorker);
    migration.addWorker(firstWorker);
    return migration;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.opened) await opened[Symbol.asyncDispose]();
    await this.connection.close();
    await keepHistories(this.temporalAddress);
    await Promise.all(this.servers.map((server) => server.remove()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

function throughAddress(url: string, address: string | undefined): string {
  return address === undefined ? url : url.replace(new URL(url).host, address);
}
