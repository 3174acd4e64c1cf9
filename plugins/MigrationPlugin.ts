import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import { createActivities, endOverdueFreezes, readEnvironment } from '../activities';

/**
 * How soon the death of a worker is noticed, unless its options say otherwise. A heartbeat is sent at least so often, which
 * also brings a cancellation; the SDK's own is 0.8 of the heartbeat timeout. And a workflow goes on at another worker
 * after this time; the SDK's own is 10 seconds.
 */
const NOTICED: Partial<WorkerOptions> = {
  maxHeartbeatThrottleInterval: '2 seconds',
  stickyQueueScheduleToStartTimeout: '3 seconds',
};

/** Beside the compiled workflows; sources that run without having been compiled have none. */
const BUNDLE = join(__dirname, '..', 'workflows', 'bundle.js');

export interface MigrationPluginOptions {
  /** Connection URLs by name; those of the environment (MIGRATION_CONNECTION_…) are known besides. */
  readonly connections?: Readonly<Record<string, string>>;
  /** Told of what the plugin does by itself; default: standard error. */
  readonly report?: (line: string) => void;
}

/**
 * Adds the migration workflows and their activities to a worker: `Worker.create({ plugins: [new MigrationPlugin()] })`.
 * A worker with workflows of its own re-exports those of `temporal-migrate/workflows` from its workflows file.
 */
export class MigrationPlugin extends SimplePlugin {
  constructor({ connections = {}, report = tellStandardError }: MigrationPluginOptions = {}) {
    const environment = readEnvironment(process.env, connections);
    super({
      name: 'temporal-migrate',
      activities: (given) => merged(given ?? {}, createActivities(environment)),
      workflowsPath: (given) => given ?? require.resolve('../workflows'),
      runContext: async (next) => {
        for (const source of await endOverdueFreezes(environment, report)) {
          report(`the source "${source}" was still read-only past its deadline: it is writable again`);
        }
        await next();
      },
    });
  }

  /** Workflows the worker brings itself are left as they are; else ours come as the bundle made when we were built. */
  override configureWorker(options: WorkerOptions): WorkerOptions {
    const configured = { ...NOTICED, ...super.configureWorker(options) };
    if (options.workflowsPath !== undefined) return configured;
    if (options.workflowBundle === undefined && !existsSync(BUNDLE)) return configured;
    delete configured.workflowsPath;
    return { ...configured, workflowBundle: options.workflowBundle ?? { codePath: BUNDLE } };
  }
}

function tellStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Activities of the same name would overwrite each other without a word. */
function merged(theirs: object, ours: object): object {
  const twice = Object.keys(ours).filter((name) => name in theirs);
  if (twice.length > 0)
    throw new Error(`activities of these names exist already, and would be overwritten: ${twice.join(', ')}`);
  return { ...theirs, ...ours };
}
