import { randomBytes } from 'node:crypto';
import type { TablePlan } from '../../domain/plan';
import type { CopyLane, Target } from '../../engines/engine';
import { postgresEngine } from '../../engines/postgres';
import { execute, freshDatabase, query, type FreshDatabase } from './databases';
import { sharedServers } from './servers';
import { createTable, integer, planOf, settingsOf, TEXT, text, writeAll, type TargetColumn } from './targetRows';

export const COPY_COLUMNS: readonly TargetColumn[] = [
  { name: 'n', cell: { kind: 'integer' }, type: integer(32), native: 'integer' },
  { name: 'note', cell: TEXT, type: text(), native: 'text' },
];

/** A run of a migration on a target database of its own, with a table in some chunks. */
export class CopyStage implements AsyncDisposable {
  epoch = 0;
  readonly runId = `run-${randomBytes(4).toString('hex')}`;

  private constructor(
    private readonly database: FreshDatabase,
    readonly target: Target,
  ) {}

  static async open(): Promise<CopyStage> {
    const database = await freshDatabase(sharedServers().postgresUrl);
    const target = await postgresEngine.openTarget!(settingsOf(database.url));
    const stage = new CopyStage(database, target);
    const names = { workflowId: 'w', sourceName: 'source', targetName: 'target', fingerprint: 'f' };
    stage.epoch = await target.control.openRun({ runId: stage.runId, ...names });
    return stage;
  }

  get url(): string {
    return this.database.url;
  }

  async table(name: string, chunks: number): Promise<TablePlan> {
    await execute(this.url, createTable(name, COPY_COLUMNS));
    const edges = Array.from({ length: chunks }, (_, chunk) => (chunk + 1) * 10);
    const ranges = edges.map((edge, index) => ({
      after: index === 0 ? null : [String(edge - 10)],
      upTo: index === chunks - 1 ? null : [String(edge)],
    }));
    await this.target.control.saveChunks(this.runId, name, ranges);
    return planOf(name, COPY_COLUMNS);
  }

  openLane(lane: string, epoch = this.epoch): Promise<CopyLane> {
    return this.target.openLane({ runId: this.runId, epoch, lane });
  }

  /** The ten rows of a claimed chunk. */
  rowsOf(ordinal: number): [string, string][] {
    return Array.from({ length: 10 }, (_, index) => [String(ordinal * 10 + index), `chunk ${ordinal}`]);
  }

  /** Writes a chunk's rows in the lane's transaction; answers what commit wants to know. */
  async write(lane: CopyLane, plan: TablePlan, ordinal: number): Promise<{ rows: number; bytes: number }> {
    const writer = lane.writer(
      plan,
      COPY_COLUMNS.map(({ cell }) => cell),
    );
    return { rows: await writeAll(writer, this.rowsOf(ordinal)), bytes: writer.bytes };
  }

  /** Claims, writes and commits chunks until none is left; answers their ordinals. */
  async copyAll(lane: CopyLane, plan: TablePlan): Promise<number[]> {
    const copied: number[] = [];
    for (;;) {
      const chunk = await lane.claim([plan.table.source.name]);
      if (!chunk) return copied;
      const { rows, bytes } = await this.write(lane, plan, chunk.ordinal);
      await lane.commit(chunk, rows, bytes);
      copied.push(chunk.ordinal);
    }
  }

  async column(sql: string): Promise<unknown[]> {
    return (await query(this.url, sql)).map((row) => Object.values(row)[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target[Symbol.asyncDispose]();
    await this.database.drop();
  }
}
