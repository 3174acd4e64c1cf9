import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import type { MigrationResult, Progress } from '../../domain/result';
import { TASK_QUEUE } from './stage';

/** The run has not come to its end within its time. */
export class StuckError extends Error {
  override readonly name = 'StuckError';
}

/** A worker that is down answers no query: it is asked again. */
const CALL_MS = 3_000;
const LOOK_MS = 300;

/** The migration as a person sees it through a Temporal that may be down at any moment. */
export class ChaosMigration {
  /** The last progress that was told. */
  last: Progress | null = null;
  /** Each failure that was told as the last one, once. */
  readonly failures = new Set<string>();

  constructor(
    private readonly address: string,
    private readonly workflowId: string,
    private readonly deadline: number,
  ) {}

  async start(input: object): Promise<void> {
    await this.call(({ workflow }) =>
      workflow.start('databaseMigration', {
        taskQueue: TASK_QUEUE,
        workflowId: this.workflowId,
        workflowIdConflictPolicy: 'USE_EXISTING',
        args: [input],
      }),
    );
  }

  async signal(name: string, body: object): Promise<void> {
    await this.call(({ workflow }) => workflow.getHandle(this.workflowId).signal(name, body));
  }

  /** Waits until the progress is as asked, or the migration has ended, which answers null. */
  async until(arrived: (progress: Progress) => boolean): Promise<Progress | null> {
    for (;;) {
      const progress = await this.progress();
      if (progress !== null && arrived(progress)) return progress;
      if (progress === null && (await this.hasEnded())) return null;
      await wait(LOOK_MS);
    }
  }

  /** Errors: the migration's own failure. */
  async result(): Promise<MigrationResult> {
    for (;;) {
      if (await this.hasEnded()) {
        const result: unknown = await this.call(({ workflow }) => workflow.getHandle(this.workflowId).result());
        return result as MigrationResult;
      }
      await this.progress();
      await wait(LOOK_MS);
    }
  }

  /** Everything Temporal has of it, for whoever looks for the cause of a failure. */
  async history(): Promise<unknown> {
    return this.call(async ({ workflow }) => {
      const handle = workflow.getHandle(this.workflowId);
      const { pendingActivities } = (await handle.describe()).raw;
      return { pendingActivities, events: (await handle.fetchHistory()).events };
    });
  }

  private async progress(): Promise<Progress | null> {
    try {
      const progress = await this.once(({ workflow }) =>
        workflow.getHandle(this.workflowId).query<Progress>('progress'),
      );
      this.last = progress;
      if (progress.lastFailure !== null) this.failures.add(progress.lastFailure);
      // A migration that has ended is still asked, and says so.
      return progress.phase === 'done' ? null : progress;
    } catch (error) {
      if (error instanceof StuckError) throw error;
      // Its worker or its server is down.
      return null;
    }
  }

  private async hasEnded(): Promise<boolean> {
    const { status } = await this.call(({ workflow }) => workflow.getHandle(this.workflowId).describe());
    return status.name !== 'RUNNING';
  }

  /** Calls until the server answers: a person would, too. */
  private async call<T>(work: (client: Client) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.once(work);
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        await wait(LOOK_MS);
      }
    }
  }

  private checkTime(): void {
    if (Date.now() > this.deadline) throw new StuckError('the migration has not come to its end in time');
  }

  /** A connection of its own each time: one that has met a dead server waits longer and longer before it tries again. */
  private async once<T>(work: (client: Client) => Promise<T>): Promise<T> {
    this.checkTime();
    const connection = await Connection.connect({ address: this.address, connectTimeout: CALL_MS });
    try {
      return await connection.withDeadline(Date.now() + CALL_MS, () => work(new Client({ connection })));
    } finally {
      await connection.close();
    }
  }
}

/** Anything but what the migration itself has ended with. */
function isUnreachable(error: unknown): boolean {
  return !(error instanceof WorkflowFailedError) && !(error instanceof StuckError);
}
