import { CancellationScope } from '@temporalio/workflow';

interface Compensation {
  readonly name: string;
  readonly undo: () => Promise<void>;
}

/**
 * What must be undone when the migration does not go through. A step is registered before the work it undoes, because
 * work that failed or was cut off may still have happened; so every undo is idempotent and touches only what was made.
 */
export class Compensations {
  private readonly steps: Compensation[] = [];

  register(name: string, undo: () => Promise<void>): void {
    this.steps.push({ name, undo });
  }

  /** Runs the steps newest first, out of reach of a cancellation, each until it succeeds. */
  async run(onStep: (name: string) => void): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
        onStep(step.name);
        await step.undo();
      }
    });
  }
}
