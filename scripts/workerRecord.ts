import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The variable that names the folder of a test run's records; elsewhere nothing is kept. */
export const RECORDS = 'TEMPORAL_MIGRATE_RECORDS';
/** One line each: the URLs that workers were given. */
export const URLS_FILE = 'connection-urls';

/** Keeps what a person was answered: by the CLI, or by a query. */
export async function keepAnswer(answer: string): Promise<void> {
  const folder = process.env[RECORDS];
  if (folder !== undefined) await appendFile(join(folder, `answers-${process.pid}`), `${answer}\n`);
}

type Variables = Readonly<Record<string, string>>;

/** Keeps what a worker of a test run leaves behind, so that all of it can be searched for passwords in the end. */
export class WorkerRecord {
  private constructor(
    private readonly folder: string | undefined,
    private readonly variables: Variables,
    private readonly name = `worker-${randomBytes(6).toString('hex')}`,
  ) {}

  static of(variables: Variables): WorkerRecord {
    return new WorkerRecord(process.env[RECORDS], variables);
  }

  /** As any user of the machine can read it while the worker runs. */
  async keepCommandLine(pid: number | undefined): Promise<void> {
    const file = `/proc/${pid ?? 0}/cmdline`;
    if (existsSync(file)) await this.write('cmdline', await readFile(file, 'utf8'));
  }

  async keepMetrics(): Promise<void> {
    const address = this.variables['MIGRATION_METRICS_ADDRESS'];
    if (this.folder === undefined || address === undefined) return;
    // A worker that is stopped in a test does not answer; what it would have said is in the record of its successor.
    const answer = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer !== null) await this.write('metrics', await answer.text());
  }

  /** At the worker's end: what it printed, what it wrote, and the connections that it knew. */
  async keep(output: string): Promise<void> {
    if (this.folder === undefined) return;
    await this.write('log', output);
    const urls = Object.entries(this.variables).flatMap(([name, value]) =>
      !name.startsWith('MIGRATION_CONNECTION_') ? [] : [name.endsWith('_FILE') ? contentOf(value) : value],
    );
    await appendFile(join(this.folder, URLS_FILE), `${urls.map((url) => url.trim()).join('\n')}\n`);
    const [root] = (this.variables['MIGRATION_FILE_ROOTS'] ?? '').split(',');
    if (root) await cp(root, join(this.folder, `${this.name}.files`), { recursive: true }).catch(unlessGone);
  }

  private async write(what: string, text: string): Promise<void> {
    if (this.folder !== undefined) await writeFile(join(this.folder, `${this.name}.${what}`), text);
  }
}

function contentOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** A test may have removed its folder by then, or a file that was there a moment before. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
