import { readFile } from 'node:fs/promises';
import type { MigrationResult } from '../../domain/result';
import type { WorkerProcess } from '../../scripts/workerProcess';
import { compareDatabases } from './compareDatabases';
import { query } from './databases';
import type { FaultsSource } from './faultsSource';
import type { FaultyRun } from './faultsRun';
import type { Supervisor, WorkerOptions } from './faultsSupervisor';
import { until } from './faultsUntil';

/** One migration under test, its workers, and how it is looked at from outside. */
export class FaultyMigration {
  private readonly workers: Supervisor[] = [];

  constructor(
    readonly sourceUrl: string,
    readonly targetUrl: string,
    readonly switchFile: string,
    readonly run: FaultyRun,
    private readonly built: FaultsSource['built'],
    private readonly startWorker: (options: WorkerOptions) => Supervisor,
  ) {}

  /** The first worker and its successors. */
  get supervisor(): Supervisor {
    const [first] = this.workers;
    if (first === undefined) throw new Error('this migration has no worker');
    return first;
  }

  /** How many workers have ended, of all supervisors. */
  get deaths(): number {
    return this.workers.reduce((sum, { deaths }) => sum + deaths, 0);
  }

  /** The workers that copy chunks of a large table at this moment. */
  async workersAmidCopyOf(table: string): Promise<WorkerProcess[]> {
    const atWork = await this.run.workersAt(`copy/${table}`, 'copyChunks');
    return this.workers
      .map(({ worker }) => worker)
      .filter(({ running, pid }) => running && atWork.includes(pid))
      .sort((one, other) => one.pid - other.pid);
  }

  /** One more worker on the migration's queue, with a supervisor of its own. */
  addWorker(options: WorkerOptions = {}): Supervisor {
    const supervisor = this.startWorker(options);
    this.workers.push(supervisor);
    return supervisor;
  }

  /** Waits until a query on the target has rows; null while the target or its control schema is not there. */
  async untilOnTarget(what: string, sql: string): Promise<Record<string, unknown>> {
    return until(what, async () => (await this.onTarget(sql))[0]);
  }

  /** Rows of a query on the target; none while the target is down, or has no control schema yet. */
  async onTarget(sql: string): Promise<Record<string, unknown>[]> {
    return query(this.targetUrl, sql).catch(() => []);
  }

  /** Waits until some chunks are committed, others wait, and rows of one are on their way. */
  async untilAmidChunks(): Promise<void> {
    await this.untilOnTarget(
      'the copy is amid its chunks',
      `SELECT 1 FROM temporal_migrate.chunks WHERE EXISTS (SELECT FROM pg_stat_progress_copy WHERE datname = current_database())
       HAVING count(rows) > 0 AND count(*) > count(rows) + 2`,
    );
  }

  /** Waits until the server has rows of a COPY that has not ended. */
  async untilAmidCopy(): Promise<void> {
    await this.untilOnTarget(
      'rows of a COPY have arrived',
      `SELECT 1 FROM pg_stat_progress_copy WHERE datname = current_database() AND bytes_processed > 0`,
    );
  }

  /** Rows the copy has committed. */
  async copiedRows(): Promise<number> {
    const [row] = await this.onTarget('SELECT coalesce(sum(rows), 0)::int AS rows FROM temporal_migrate.chunks');
    return Number(row?.['rows'] ?? 0);
  }

  /** Lanes that somebody is at work on, each with when its server process began. */
  async lanes(): Promise<string[]> {
    const rows = await query(this.targetUrl, `SELECT lane || ' ' || backend_start AS lane FROM temporal_migrate.lanes`);
    return rows.map(({ lane }) => String(lane));
  }

  /** Approves, and follows the migration to its accepted end. */
  async toTheEnd(): Promise<MigrationResult> {
    await this.run.approve();
    return this.fromApprovalToTheEnd();
  }

  async fromApprovalToTheEnd(): Promise<MigrationResult> {
    return this.accountable(async () => {
      const result = await this.run.accept();
      await this.expectExact(result);
      return result;
    });
  }

  /** Adds what the workers said to whatever fails. */
  async accountable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const logs = this.workers.map(({ log }) => log).join('\n');
      throw new Error(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${logs}`, {
        cause: error,
      });
    }
  }

  /** The target holds exactly the source's rows, built, by its own word and by ours, and nobody is at work on it any more. */
  private async expectExact({ outcome, tables }: MigrationResult): Promise<void> {
    const rows = await compareDatabases(this.sourceUrl, this.targetUrl);
    expect(outcome).toBe('accepted');
    expect(tables.map(({ name, mismatches }) => ({ name, mismatches }))).toEqual(
      tables.map(({ name }) => ({ name, mismatches: 0 })),
    );
    for (const count of ['sourceRows', 'targetRows', 'verifiedRows'] as const)
      expect(tables.reduce((sum, table) => sum + table[count], 0)).toBe(rows);
    expect(await this.whatIsBuilt()).toEqual(this.built);
    expect(await readFile(this.switchFile, 'utf8')).toBe('postgres');
    await this.untilNobodyIsAtWork();
  }

  /** Of lanes there is none, or somebody forgot his; sessions may still be saying goodbye. */
  async untilNobodyIsAtWork(): Promise<void> {
    expect(await this.lanes()).toEqual([]);
    await until('every session of the migration has ended', async () => (await this.sessions()).length === 0);
  }

  private async whatIsBuilt(): Promise<Record<string, unknown> | undefined> {
    const [row] = await query(
      this.targetUrl,
      `SELECT (SELECT count(*)::int FROM pg_indexes WHERE schemaname = 'public') AS indexes,
         (SELECT count(*)::int FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace) AS "foreignKeys",
         (SELECT count(*)::int FROM pg_constraint WHERE NOT convalidated) +
         (SELECT count(*)::int FROM pg_index WHERE NOT indisvalid) AS invalid`,
    );
    return row;
  }

  private async sessions(): Promise<unknown[]> {
    return query(
      this.targetUrl,
      `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'temporal-migrate'`,
    );
  }
}
