import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findProgram,
  startMariadb,
  startMysql,
  startPostgres,
  startTemporal,
  type DatabaseServer,
  type TemporalServer,
} from '../servers';
import { WorkerProcess } from '../workerProcess';
import { CuttableNetwork } from './cuttableNetwork';
import { openSide } from './side';
import { SupervisedWorker } from './supervised';
import { CHAOS_TABLES, fillStatements } from './tables';

export const TASK_QUEUE = 'chaos';
const DATABASE = 'shop';

export type Flavour = 'mysql' | 'mariadb';

/** The servers of one run, a worker, and the networks by which that reaches them. */
export class ChaosStage implements AsyncDisposable {
  private constructor(
    readonly source: DatabaseServer,
    readonly target: DatabaseServer,
    readonly temporal: TemporalServer,
    readonly networks: readonly CuttableNetwork[],
    readonly folder: string,
    readonly worker: SupervisedWorker,
  ) {}

  static async open(flavour: Flavour): Promise<ChaosStage> {
    const [source, target, temporal, folder, pgDump] = await Promise.all([
      flavour === 'mysql' ? startMysql() : startMariadb(),
      startPostgres(),
      startTemporal(),
      mkdtemp(join(tmpdir(), 'temporal-migrate-chaos-')),
      findProgram('pg_dump'),
    ]);
    await run(source.url(), [`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`]);
    await run(source.url(DATABASE), [CHAOS_TABLES, ...fillStatements()]);
    // An administrator may write while the source is read-only.
    await run(source.url(), ["CREATE USER app@'%' IDENTIFIED BY 'app'", `GRANT ALL ON ${DATABASE}.* TO app@'%'`]);
    await run(target.url('postgres'), [`CREATE DATABASE ${DATABASE}`]);
    const networks = await Promise.all(
      [source.url(), target.url(), temporal.address].map((server) => CuttableNetwork.to(server)),
    );
    const [toSource, toTarget, toTemporal] = networks.map(({ address }) => address);
    const worker = new SupervisedWorker(() =>
      WorkerProcess.start({
        temporalAddress: toTemporal ?? '',
        connections: {
          SHOP_MYSQL: through(source.url(DATABASE), toSource ?? ''),
          SHOP_PG: through(target.url(DATABASE), toTarget ?? ''),
        },
        environment: { MIGRATION_TASK_QUEUE: TASK_QUEUE, MIGRATION_FILE_ROOTS: folder, MIGRATION_PG_DUMP: pgDump },
      }),
    );
    return new ChaosStage(source, target, temporal, networks, folder, worker);
  }

  /** As the application, which passes no freeze, reaches the source. */
  get applicationUrl(): string {
    return this.source.url(DATABASE, 'app', 'app');
  }

  get targetUrl(): string {
    return this.target.url(DATABASE);
  }

  /** The file that tells the application where its traffic goes. */
  get switchFile(): string {
    return join(this.folder, 'traffic');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker[Symbol.asyncDispose]();
    for (const network of this.networks) await network[Symbol.asyncDispose]();
    await Promise.all([this.source, this.target, this.temporal].map((server) => server.remove()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Runs statements in a session of their own. */
async function run(url: string, statements: readonly string[]): Promise<void> {
  const side = await openSide(url);
  try {
    for (const statement of statements) await side.query(statement);
  } finally {
    await side.end();
  }
}

function through(url: string, address: string): string {
  return url.replace(new URL(url).host, address);
}
