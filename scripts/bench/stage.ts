import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { MigrationResult } from '../../domain/result';
import {
  findProgram,
  startMariadb,
  startMysql,
  startPostgres,
  startTemporal,
  type DatabaseServer,
  type TemporalServer,
} from '../servers';
import { MigrationRun } from '../migrationRun';
import { TemporalCli } from '../temporalCli';
import { WorkerProcess } from '../workerProcess';

/** Servers for one benchmark, and a migration on them that is timed by its own phases. */
export class Stage implements AsyncDisposable {
  private constructor(
    readonly source: DatabaseServer,
    readonly target: DatabaseServer,
    readonly temporal: TemporalServer,
    private readonly cli: TemporalCli,
  ) {}

  static async open(flavour: 'mysql' | 'mariadb'): Promise<Stage> {
    const [source, target, temporal] = await Promise.all([
      flavour === 'mysql' ? startMysql() : startMariadb(),
      startPostgres(),
      startTemporal(),
    ]);
    return new Stage(
      source,
      target,
      temporal,
      new TemporalCli({ program: await findProgram('temporal'), address: temporal.address }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.source.remove(), this.target.remove(), this.temporal.remove()]);
  }

  /** Runs SQL on the target, in the database it names. */
  async onTarget(database: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.target.url(database) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs statements on a MySQL source. */
  async onSource(sql: string): Promise<void> {
    const connection = await createConnection({ uri: this.source.url(), multipleStatements: true });
    try {
      await connection.query(sql);
    } finally {
      await connection.end();
    }
  }

  /** Migrates a source database into a fresh target database of the same name. */
  async migrate(database: string, options: object = {}, moments: Moments = {}): Promise<BenchmarkRun> {
    await this.onTarget('postgres', `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    await this.onTarget('postgres', `CREATE DATABASE "${database}"`);
    const worker = await WorkerProcess.start({
      temporalAddress: this.temporal.address,
      connections: { BENCH_SOURCE: this.source.url(database), BENCH_TARGET: this.target.url(database) },
    });
    try {
      const run = new MigrationRun(this.cli, `bench-${database}-${randomBytes(3).toString('hex')}`);
      const started = performance.now();
      await run.start({ source: 'bench_source', target: 'bench_target', trial: { percent: 0 }, ...options });
      await run.until(({ waitingFor }) => waitingFor === 'approval');
      await moments.approval?.();
      await run.approve();
      await run.until(({ waitingFor }) => waitingFor === 'acceptance');
      await moments.live?.();
      const result = await run.accept();
      return {
        result,
        seconds: (performance.now() - started) / 1_000,
        history: await this.cli.history(run.workflowId),
        peakMemoryMb: await peakMemoryMb(worker.pid),
      };
    } finally {
      await worker.stop();
    }
  }
}

export interface BenchmarkRun {
  readonly result: MigrationResult;
  readonly seconds: number;
  /** The worker's largest resident set. */
  readonly peakMemoryMb: number;
  /** The parent workflow's. */
  readonly history: { readonly events: readonly unknown[] };
}

/** What a benchmark does while a migration waits. */
export interface Moments {
  readonly approval?: () => Promise<void>;
  readonly live?: () => Promise<void>;
}

/** Seconds a phase took. */
export function phaseSeconds(result: MigrationResult, name: string): number {
  return (result.phases.find((phase) => phase.name === name)?.durationMs ?? Number.NaN) / 1_000;
}

/** Linux alone keeps the peak; elsewhere it is unknown. */
async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024);
}

/** Seconds that `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
