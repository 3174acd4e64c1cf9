import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

/** The shop of observedApp.mjs with people who keep ordering, one after the other. */
export class ObservedApplication implements AsyncDisposable {
  private loading = true;
  private readonly load: Promise<void>;
  answered = 0;
  failed = 0;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    this.load = this.order();
  }

  /** `databases` are URLs by the names that the switch file may hold. */
  static async start(switchFile: string, databases: Readonly<Record<string, string>>): Promise<ObservedApplication> {
    const child = spawn(process.execPath, [join(__dirname, 'observedApp.mjs'), switchFile], {
      env: { ...process.env, ...databases },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const [port] = (await once(lines, 'line')) as [string];
    return new ObservedApplication(child, `http://127.0.0.1:${port}`);
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** What one more order gets. */
  async status(): Promise<number> {
    return (await fetch(this.url)).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.loading = false;
    await this.load;
    this.child.kill();
  }

  private async order(): Promise<void> {
    while (this.loading) {
      const status = await this.status();
      if (status === 200) this.answered += 1;
      else this.failed += 1;
      await wait(100);
    }
  }
}
