import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { MigrationResult, Progress } from '../domain/result';
import type { TemporalCli } from './temporalCli';
import { keepAnswer } from './workerRecord';

const LOOK_MS = 200;

/** The CLI prints an empty list as null. */
type EmptyAsNull = Omit<Progress, 'decisions' | 'ignoredSignals'> & { decisions: null; ignoredSignals: null };

/** One migration, driven by the Temporal CLI as a person would; only the waiting is done without starting a program each time. */
export class MigrationRun {
  constructor(
    private readonly cli: TemporalCli,
    readonly workflowId: string,
  ) {}

  async start(input: object, type = 'databaseMigration'): Promise<this> {
    await this.cli.start(type, this.workflowId, input);
    return this;
  }

  async progress(): Promise<Progress> {
    const progress = (await this.cli.query(this.workflowId, 'progress')) as Progress | EmptyAsNull;
    return {
      ...progress,
      decisions: progress.decisions ?? [],
      ignoredSignals: progress.ignoredSignals ?? [],
    };
  }

  async signal(name: string, body: object): Promise<void> {
    await this.cli.signal(this.workflowId, name, body);
  }

  /** Waits until the progress is as asked; fails when the migration ends before that, or is sent back to a person. */
  async until(
    arrived: (progress: Progress) => boolean,
    onProgress: (progress: Progress) => void = () => undefined,
  ): Promise<Progress> {
    const connection = await Connection.connect({ address: this.cli.address });
    try {
      const handle = new Client({ connection }).workflow.getHandle(this.workflowId);
      for (;;) {
        const progress = await handle.query<Progress>('progress');
        onProgress(progress);
        if (arrived(progress)) {
          await keepAnswer(JSON.stringify(progress));
          return progress;
        }
        if (progress.waitingFor === 'approval' && progress.lastFailure !== null) {
          throw new Error(`the cutover was sent back: ${progress.lastFailure}`);
        }
        const { status } = await handle.describe();
        if (status.name !== 'RUNNING') {
          const { failure, result } = await this.cli.result(this.workflowId);
          throw new Error(`the migration ended before that: ${JSON.stringify(failure ?? result ?? status.name)}`);
        }
        await wait(LOOK_MS);
      }
    } finally {
      await connection.close();
    }
  }

  /** Waits for the question, and approves. */
  async approve(onProgress?: (progress: Progress) => void): Promise<void> {
    await this.until((progress) => progress.waitingFor === 'approval', onProgress);
    await this.signal('approveCutover', { approver: 'ann' });
  }

  /** Waits for the target to be live, and accepts; a cutover that was sent back to a person is an error here. */
  async accept(onProgress?: (progress: Progress) => void): Promise<MigrationResult> {
    await this.until(({ waitingFor }) => waitingFor === 'acceptance', onProgress);
    await this.signal('acceptMigration', { approver: 'ann' });
    return this.result();
  }

  async result(): Promise<MigrationResult> {
    const { status, result, failure } = await this.cli.result(this.workflowId);
    if (status !== 'COMPLETED') throw new Error(`the migration ended ${status}: ${JSON.stringify(failure)}`);
    return result as MigrationResult;
  }
}
