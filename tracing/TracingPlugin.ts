import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import type { Worker, WorkerOptions } from '@temporalio/worker';
import { ActivityDetails } from './activity';
import { openSender, type Sender } from './sender';
import { withSettings } from './workflowSettings';

/** Beside the other bundle; made when the project is compiled. */
const BUNDLE = join(__dirname, '..', 'workflows', 'tracedBundle.js');

/**
 * Traces a worker's workflows and activities. It stands before the `MigrationPlugin`, which takes its workflows: the same
 * ones, with interceptors.
 */
export class TracingPlugin extends OpenTelemetryPlugin {
  private readonly sender: Sender;
  /** `report` is told, in a line each, when spans are no longer taken and when they are again. */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    report: (line: string) => void,
  ) {
    const sender = openSender(env, report);
    super(sender);
    this.sender = sender;
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const configured = super.configureWorker(options);
    const { interceptors } = configured;
    return {
      ...configured,
      workflowBundle: { code: withSettings(readFileSync(BUNDLE, 'utf8'), this.env) },
      interceptors: {
        ...interceptors,
        activity: [...(interceptors?.activity ?? []), (context) => ({ inbound: new ActivityDetails(context) })],
      },
    };
  }

  override async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    try {
      await super.runWorker(worker, next);
    } finally {
      await this.sender.close();
    }
  }
}
