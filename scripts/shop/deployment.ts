import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { lastWords, projectFolder } from '../servers/run';

/** A process of the shop's web front (front.ts); the program must be compiled. */
export class Deployment {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  /** Starts one on the database of a URL, which is shown to nobody; resolves when it answers. */
  static async start(databaseUrl: string): Promise<Deployment> {
    const program = join(projectFolder(), 'dist', 'scripts', 'shop', 'front.js');
    const child = spawn(process.execPath, ['--enable-source-maps', program], { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (errors += part));
    child.stdin.write(`${databaseUrl}\n`);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`a deployment of the shop ended as it began: ${lastWords(errors)}`);
    });
    const [line] = (await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), ended])) as [string];
    // It is waited for by nobody from here on.
    ended.catch(() => undefined);
    return new Deployment(child, Number(line));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }
}

/**
 * The part of HAProxy's configuration that docs/operations.md recommends behind the section of defaults, for two
 * deployments: requests wait for a second deployment rather than fail while neither is open.
 */
export function shopConfiguration(source: Deployment, target: Deployment): string {
  return [
    '  timeout client 90s',
    '  timeout server 60s',
    '  timeout connect 100ms',
    '  retries 600',
    '  option redispatch 1',
    'backend app',
    '  option httpchk GET /health',
    `  server old 127.0.0.1:${source.port} check inter 1s`,
    `  server new 127.0.0.1:${target.port} check inter 1s disabled`,
    '  server hold 127.0.0.1:1 backup',
  ].join('\n');
}
