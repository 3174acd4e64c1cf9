import { setTimeout as wait } from 'node:timers/promises';
import type { WorkerProcess } from '../workerProcess';

/** Before a worker that could not even start is started again, as systemd's RestartSec. */
const RESTART_MS = 500;
const LOOK_MS = 100;

/** A worker that is replaced by a new one whenever it ends, and nothing else is done. */
export class SupervisedWorker implements AsyncDisposable {
  private readonly workers: WorkerProcess[] = [];
  private readonly closing = new AbortController();
  private readonly supervising: Promise<void>;

  private readonly onExit = (): void => {
    const { current } = this;
    if (current !== null) process.kill(current.pid, 'SIGKILL');
  };

  constructor(private readonly start: () => Promise<WorkerProcess>) {
    process.once('exit', this.onExit);
    this.supervising = this.supervise();
  }

  /** Null while one is being started. */
  get current(): WorkerProcess | null {
    const worker = this.workers.at(-1);
    return worker?.running === true ? worker : null;
  }

  /** Kills the worker there is, and waits until the next one is at work, or nobody waits any more. */
  async killAndWait(signal: AbortSignal): Promise<void> {
    await this.current?.kill();
    while (this.current === null && !signal.aborted) await wait(LOOK_MS);
  }

  get log(): string {
    return this.workers.map((worker, index) => `== worker ${index}\n${worker.log}`).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort();
    process.removeListener('exit', this.onExit);
    await this.workers.at(-1)?.kill();
    await this.supervising;
    // One may have started while the last one was being ended.
    await this.workers.at(-1)?.kill();
  }

  private async supervise(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        const worker = await this.start();
        this.workers.push(worker);
        await worker.ended;
      } catch {
        // Its Temporal server may be down: it is tried again, as for a worker that ended.
        await wait(RESTART_MS);
      }
    }
  }
}
