import { readFileSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startHaproxy, type HaproxyServer } from '../../scripts/servers';
import { projectFolder } from '../../scripts/servers/run';

/** One deployment of an application: it answers with its name, some requests slowly, and says whether it is well. */
export class Deployment implements AsyncDisposable {
  healthy = true;
  /** Requests that it was given and has not answered, of those that take a while. */
  slowInHand = 0;

  private constructor(
    readonly name: string,
    private readonly server: Server,
  ) {}

  static async start(name: string): Promise<Deployment> {
    const server = createServer();
    const deployment = new Deployment(name, server);
    server.on('request', ({ url = '' }, answer) => {
      if (url === '/health') {
        answer.writeHead(deployment.healthy ? 200 : 503).end();
        return;
      }
      const slowMs = Number(url.slice(1));
      const slow = slowMs >= 100 ? 1 : 0;
      deployment.slowInHand += slow;
      const timer = setTimeout(() => answer.end(name), slowMs);
      answer.on('close', () => {
        deployment.slowInHand -= slow;
        clearTimeout(timer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return deployment;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The configuration that docs/operations.md recommends, from the section of defaults on, for two deployments. */
export function documentedConfiguration(old: Deployment, fresh: Deployment): string {
  const operations = readFileSync(join(projectFolder(), 'docs', 'operations.md'), 'utf8');
  const found = /\n {4}defaults\n {6}mode http\n([^]*?) {4}frontend users\n[^]*?( {4}backend app\n[^]*?)\n\n/.exec(
    operations,
  );
  if (found === null) throw new Error('docs/operations.md recommends no configuration of HAProxy');
  return `${found[1]}${found[2]}`
    .replaceAll(/^ {4}/gm, '')
    .replaceAll('inter 1s', 'inter 100ms')
    .replace('10.0.0.1:8080', old.address)
    .replace('10.0.0.2:8080', fresh.address);
}

/** Two deployments behind an HAProxy. */
export class Proxied implements AsyncDisposable {
  private constructor(
    readonly old: Deployment,
    readonly fresh: Deployment,
    readonly haproxy: HaproxyServer,
  ) {}

  static async open(
    configuration: (old: Deployment, fresh: Deployment) => string = documentedConfiguration,
  ): Promise<Proxied> {
    const [old, fresh] = await Promise.all([Deployment.start('old'), Deployment.start('new')]);
    try {
      return new Proxied(old, fresh, await startHaproxy(configuration(old, fresh)));
    } catch (error) {
      await Promise.all([old, fresh].map((deployment) => deployment[Symbol.asyncDispose]()));
      throw error;
    }
  }

  /** One request as a user makes it: the name of who answered, or the status or error instead. */
  ask(slowMs = 0, agent?: Agent, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return new Promise((resolve) => {
      const options = { port: this.haproxy.port, host: '127.0.0.1', path: `/${slowMs}`, method: 'POST', headers };
      const sent = request({ ...options, ...(agent === undefined ? {} : { agent }) }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve(answer.statusCode === 200 ? text : String(answer.statusCode)));
      });
      sent.on('error', (error) => resolve(error.message));
      sent.end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.haproxy.remove();
    await this.old[Symbol.asyncDispose]();
    await this.fresh[Symbol.asyncDispose]();
  }
}

/** Users who ask one request after the other, each on a connection that is kept, and what they were answered. */
export class Users implements AsyncDisposable {
  /** Everything that was answered, in the order of the answers. */
  readonly answers: string[] = [];
  longestMs = 0;
  private running = true;
  private readonly agent = new Agent({ keepAlive: true });
  private readonly loops: Promise<void>[];

  constructor(
    private readonly proxied: Proxied,
    number = 8,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {
    this.loops = Array.from({ length: number }, (_, index) => this.useIt(index));
  }

  /** Resolves when each of them was answered twice from now on, so at least once to a request that was made since. */
  async goOn(): Promise<void> {
    const before = this.answers.length;
    while (this.answers.length < before + 2 * this.loops.length) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** What was answered so far, each once. */
  seen(): string[] {
    return [...new Set(this.answers)].sort();
  }

  private async useIt(index: number): Promise<void> {
    while (this.running) {
      const startedAt = performance.now();
      this.answers.push(await this.proxied.ask(index, this.agent, this.headers));
      this.longestMs = Math.max(this.longestMs, performance.now() - startedAt);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
    this.agent.destroy();
  }
}
