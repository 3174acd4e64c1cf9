import { setTimeout as wait } from 'node:timers/promises';
import { Client, type Connection, type WorkflowHandle } from '@temporalio/client';
import type { MigrationResult, Progress } from '../../domain/result';
import { until } from './faultsUntil';

/** A worker that is down answers no query: it is asked again. */
const QUERY_MS = 5_000;
/** Each query is work for the worker and its server, of which the migration should have most. */
const LOOK_MS = 1_000;

/** One migration whose workers may be down at any moment; over the SDK's client, which costs less than the CLI. */
export class FaultyRun {
  private constructor(
    private readonly connection: Connection,
    private readonly handle: WorkflowHandle,
  ) {}

  static async start(connection: Connection, taskQueue: string, workflowId: string, input: object): Promise<FaultyRun> {
    const { workflow } = new Client({ connection });
    return new FaultyRun(
      connection,
      await workflow.start('databaseMigration', { taskQueue, workflowId, args: [input] }),
    );
  }

  get workflowId(): string {
    return this.handle.workflowId;
  }

  /** Null while nobody answers; fails when the migration has ended, with its failure. */
  async progress(): Promise<Progress | null> {
    try {
      return await this.connection.withDeadline(Date.now() + QUERY_MS, () => this.handle.query<Progress>('progress'));
    } catch {
      const { status } = await this.handle.describe();
      if (status.name !== 'RUNNING') await this.handle.result();
      return null;
    }
  }

  /** Waits until the progress is as asked; fails when the migration ends before. */
  async until(what: string, arrived: (progress: Progress) => boolean): Promise<Progress> {
    return until(`${this.workflowId} ${what}`, async () => {
      const progress = await this.progress();
      if (progress !== null && arrived(progress)) return progress;
      if (progress?.phase === 'done') {
        await this.result();
        throw new Error(`${this.workflowId} ended before it ${what}`);
      }
      await wait(LOOK_MS);
      return null;
    });
  }

  /** An operator's ordinary decision, when it is asked for. */
  async approve(): Promise<void> {
    await this.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
    await this.signal('approveCutover', { approver: 'ann' });
  }

  /** Waits for the live target, and accepts. A cutover that was given back to a person is a failure here. */
  async accept(): Promise<MigrationResult> {
    const { waitingFor, lastFailure } = await this.until(
      'asks for acceptance',
      (progress) =>
        progress.waitingFor === 'acceptance' || (progress.waitingFor === 'approval' && progress.lastFailure !== null),
    );
    if (waitingFor === 'approval') throw new Error(`a person would have to approve again: ${lastFailure ?? ''}`);
    await this.signal('acceptMigration', { approver: 'ann' });
    return this.result();
  }

  async signal(name: string, body: unknown): Promise<void> {
    await this.handle.signal(name, body);
  }

  /** Rejects when the update is refused, with the reason. */
  async update(name: string, body: unknown): Promise<unknown> {
    return this.handle.executeUpdate(name, { args: [body] });
  }

  /** What the web UI shows as the current details. */
  async details(): Promise<string> {
    return JSON.stringify(await this.handle.query('__temporal_workflow_metadata'));
  }

  /** The types of the activities that are not done, those of child workflows too. */
  async pending(): Promise<string[]> {
    const { workflow } = new Client({ connection: this.connection });
    const { raw } = await this.handle.describe();
    const children = await Promise.all(
      (raw.pendingChildren ?? []).map(({ workflowId }) => workflow.getHandle(workflowId ?? '').describe()),
    );
    const activities = [raw, ...children.map((child) => child.raw)].flatMap((one) => one.pendingActivities ?? []);
    return activities.map(({ activityType }) => activityType?.name ?? '');
  }

  async cancel(): Promise<void> {
    await this.handle.cancel();
  }

  async result(): Promise<MigrationResult> {
    return (await this.handle.result()) as MigrationResult;
  }

  /** Process ids of the workers that a child workflow's activity was given to; Temporal may not have missed the dead yet. */
  async workersAt(child: string, activityType: string): Promise<number[]> {
    const { workflow } = new Client({ connection: this.connection });
    const { raw } = await workflow.getHandle(`${this.workflowId}/${child}`).describe();
    return (raw.pendingActivities ?? [])
      .filter((activity) => activity.activityType?.name === activityType)
      .map(({ lastWorkerIdentity }) => Number.parseInt(lastWorkerIdentity ?? '', 10));
  }

  async events(): Promise<number> {
    const { historyLength } = await this.handle.describe();
    return historyLength;
  }
}
