import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { lastWords, projectFolder } from './servers/run';
import { WorkerRecord } from './workerRecord';

export interface WorkerSettings {
  readonly temporalAddress: string;
  /** Connection URLs by the variable's ending: `{ SHOP_MYSQL: 'mysql://…' }`. */
  readonly connections: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A worker in a process of its own, as `npm run worker` starts it; the program must be compiled. */
export class WorkerProcess {
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly output: () => string,
    private readonly record: WorkerRecord,
  ) {
    // Not `exit`: the last words may come after it.
    const exited = this.running ? once(child, 'close') : Promise.resolve();
    this.ended = exited.then(() => record.keep(output()));
  }

  /** Resolves when the worker polls. */
  static async start({ temporalAddress, connections, environment = {} }: WorkerSettings): Promise<WorkerProcess> {
    const variables = Object.fromEntries(
      Object.entries(connections).map(([name, url]) => [`MIGRATION_CONNECTION_${name}`, url]),
    );
    const record = WorkerRecord.of({ ...variables, ...environment });
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', join(projectFolder(), 'dist', 'workers', 'main.js')],
      {
        env: { ...process.env, TEMPORAL_ADDRESS: temporalAddress, ...variables, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let output = '';
    const polls = new Promise<void>((resolve, reject) => {
      const read = (text: string): void => {
        output += text;
        if (output.includes('temporal-migrate polls')) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.once('exit', (code, signal) =>
        reject(new Error(`the worker ended with ${code ?? signal}: ${lastWords(output)}`)),
      );
    });
    const worker = new WorkerProcess(child, () => output, record);
    try {
      await polls;
      await record.keepCommandLine(child.pid);
      return worker;
    } catch (error) {
      // Nobody could end a worker that nobody was given.
      child.kill('SIGKILL');
      await worker.ended;
      throw error;
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** What the worker has printed so far. */
  get log(): string {
    return this.output();
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Ends the worker in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Freezes the process without ending it, as a machine that swaps or a paused virtual machine does. */
  suspend(): void {
    this.child.kill('SIGSTOP');
  }

  wake(): void {
    this.child.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.running) {
      await this.record.keepMetrics();
      this.child.kill(signal);
    }
    await this.ended;
  }
}
