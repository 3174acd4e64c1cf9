import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { deleteAtExit, forget, makeServerFolder, recordServer } from './folders';
import { freePort } from './ports';
import { familyOf, hasEnded, killAll } from './processes';
import { lastWords, reasonOf } from './run';
import { giveTo, type User } from './serverUser';
import type { RunningServer } from './types';

/** What one kind of server needs to run. */
export interface ServerRecipe {
  readonly kind: RunningServer['kind'];
  readonly program: string;
  readonly user: User | undefined;
  /** Asks the server to end at once but in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Makes what is needed before the first start, in the folder that is the server's own. */
  prepare(folder: string, port: number): Promise<void>;
  args(folder: string, port: number): readonly string[];
  /** Resolves when the server answers a client, rejects when it does not yet. */
  answers(port: number): Promise<void>;
}

const START_LIMIT = 120_000;
const STOP_LIMIT = 60_000;
/** Between two questions whether the server answers. */
const PAUSE = 50;

/** Starts a server for the first time: in a new folder, on a free port. */
export async function startLocalServer(recipe: ServerRecipe): Promise<LocalServer> {
  const folder = await makeServerFolder(recipe.kind);
  deleteAtExit(folder);
  await giveTo(recipe.user, folder);
  const server = new LocalServer(recipe, folder, await freePort());
  try {
    await recipe.prepare(folder, server.port);
    await server.start();
  } catch (error) {
    await server.remove();
    throw error;
  }
  return server;
}

class LocalServer implements RunningServer {
  readonly kind: RunningServer['kind'];
  readonly log: string;
  private process: ChildProcess | undefined;

  constructor(
    private readonly recipe: ServerRecipe,
    readonly folder: string,
    readonly port: number,
  ) {
    this.kind = recipe.kind;
    this.log = join(folder, 'server.log');
  }

  get pid(): number {
    const pid = this.process?.pid;
    if (pid === undefined) throw new Error(`this ${this.kind} server is not running`);
    return pid;
  }

  async start(): Promise<void> {
    if (this.isRunning()) return;
    const { program, user } = this.recipe;
    const log = openSync(this.log, 'a');
    // A group of its own: Ctrl-C in a terminal reaches the program that uses the server, which then ends it in order.
    this.process = spawn(program, this.recipe.args(this.folder, this.port), {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', log, log],
      ...user,
    });
    closeSync(log);
    await once(this.process, 'spawn');
    this.process.unref();
    await recordServer(this.folder, this.pid);
    await this.untilItAnswers();
  }

  async stop(): Promise<void> {
    if (!this.isRunning()) return;
    const { pid } = this;
    process.kill(pid, this.recipe.stopSignal);
    if (!(await this.ended(STOP_LIMIT))) {
      await this.kill();
      throw new Error(`this ${this.kind} server did not end within ${STOP_LIMIT / 1_000} s; its log is ${this.log}`);
    }
  }

  async kill(): Promise<void> {
    if (!this.isRunning()) return;
    const family = familyOf(this.pid);
    killAll(family);
    await this.ended(STOP_LIMIT);
    // The server's own processes are nobody's children now; a new server cannot start before the last is gone.
    while (!family.every(hasEnded)) await wait(PAUSE);
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
    forget(this.folder);
  }

  private isRunning(): boolean {
    return this.process?.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  private async untilItAnswers(): Promise<void> {
    const deadline = Date.now() + START_LIMIT;
    let reason = '';
    while (this.isRunning() && Date.now() < deadline) {
      try {
        await this.recipe.answers(this.port);
        return;
      } catch (error) {
        reason = reasonOf(error);
      }
      await wait(PAUSE);
    }
    const log = lastWords(await readFile(this.log, 'utf8'));
    const what = this.isRunning() ? `does not answer (${reason})` : 'ended while it was starting';
    await this.kill();
    throw new Error(`this ${this.kind} server ${what}; the end of its log: ${log}`);
  }

  /** Whether the process ended within so many milliseconds. */
  private async ended(limit: number): Promise<boolean> {
    if (!this.isRunning() || this.process === undefined) return true;
    this.process.ref();
    const { process: child } = this;
    const timer = new AbortController();
    const exited = once(child, 'exit').then(() => true);
    const late = wait(limit, false, { signal: timer.signal }).catch(() => false);
    const result = await Promise.race([exited, late]);
    timer.abort();
    return result;
  }
}

export type { LocalServer };
