import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaultPoint } from '../../pipeline/faultPoint';
import { lastWords, reasonOf } from '../../scripts/servers/run';
import type { WorkerProcess } from '../../scripts/workerProcess';

/** Where a worker is hit, `<point>` or `<point>@<what>`; suspended rather than killed when `signal` says so. */
export interface Fault {
  readonly at: FaultPoint | `${FaultPoint}@${string}`;
  readonly signal?: 'SIGSTOP';
}

export interface WorkerOptions {
  /** For the first worker, its successor, and so on; null where one is to meet none. */
  readonly faults?: readonly (Fault | null)[];
  /** What it reaches Temporal, the source and the target by, when not directly. */
  readonly temporalAddress?: string;
  readonly sourceAddress?: string;
  readonly targetAddress?: string;
}

export type StartWorker = (environment: Readonly<Record<string, string>>) => Promise<WorkerProcess>;

/** Before a worker that could not even start is started again, as systemd's RestartSec. */
const RESTART_MS = 500;
const MOST_FAILED_STARTS = 60;

let supervisors = 0;

/**
 * What systemd or Kubernetes is to a worker: a worker that ended is replaced by a new one, and nothing else is done.
 * The first worker is armed with the first fault, its successor with the second, and so on; those after them with none.
 */
export class Supervisor implements AsyncDisposable {
  private readonly id = (supervisors += 1);
  private readonly workers: WorkerProcess[] = [];
  private readonly closing = new AbortController();
  private readonly supervising: Promise<void>;
  private failedStarts = 0;
  private failure: unknown = null;

  constructor(
    private readonly startWorker: StartWorker,
    private readonly folder: string,
    private readonly faults: readonly (Fault | null)[],
  ) {
    this.supervising = this.supervise().catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** The worker at work now, or the last one that was. */
  get worker(): WorkerProcess {
    const worker = this.workers.at(-1);
    if (worker === undefined) throw new Error('no worker has started yet');
    return worker;
  }

  /** How many workers have ended, all of them against their will. */
  get deaths(): number {
    return this.workers.filter((worker) => !worker.running).length;
  }

  /** Faults whose worker has been hit. */
  get hits(): Fault['at'][] {
    return this.faults.flatMap((fault, generation) =>
      fault !== null && existsSync(this.marker(generation)) ? [fault.at] : [],
    );
  }

  /** What the workers have printed, and why the next one does not start. */
  get log(): string {
    const failure = this.failure === null ? '' : `\n${reasonOf(this.failure)}`;
    return this.workers.map((worker, index) => `worker ${index}: ${lastWords(worker.log)}`).join('\n') + failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort();
    await this.workers.at(-1)?.kill();
    await this.supervising;
    // One may have started while the last one was being ended.
    await this.workers.at(-1)?.kill();
  }

  private async supervise(): Promise<void> {
    while (!this.closing.signal.aborted) {
      const worker = await this.startNext();
      await worker?.ended;
    }
  }

  private async startNext(): Promise<WorkerProcess | null> {
    try {
      const worker = await this.startWorker(this.environment(this.workers.length));
      this.workers.push(worker);
      return worker;
    } catch (error) {
      // Its Temporal server may be down: it is tried again, as for a worker that ended.
      this.failedStarts += 1;
      if (this.failedStarts === MOST_FAILED_STARTS) throw error;
      await wait(RESTART_MS);
      return null;
    }
  }

  private environment(generation: number): Readonly<Record<string, string>> {
    const fault = this.faults[generation] ?? null;
    if (fault === null) return {};
    return {
      MIGRATION_FAULT_POINT: `${fault.at}=${this.marker(generation)}`,
      MIGRATION_FAULT_SIGNAL: fault.signal ?? 'SIGKILL',
    };
  }

  private marker(generation: number): string {
    return join(this.folder, `hit-${this.id}-${generation}`);
  }
}
