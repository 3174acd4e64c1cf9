import { setTimeout as sleep } from 'node:timers/promises';
import type { RunReference, WatchedLoad } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import { heldBackBy, type ReplicaSeen } from '../domain/heldBack';
import type { Replication, Source } from '../engines/engine';

import { openSource } from './engines';
import type { WorkerEnvironment } from './environment';

const LOOK_MS = 1_000;

/** Looks at the servers that the copy must not burden, for as long as it is held. */
export interface LoadWatch extends AsyncDisposable {
  /** Why the copy should wait, as of the last look; null when it may go on. */
  readonly heldBack: string | null;
}

/** Those of this process, by what they look at: lanes side by side share one, and its connections. */
const shared = new Map<string, { readonly watch: Promise<Watch>; users: number }>();

/** Resolves when it has looked once. Errors: those of a login to the source, CONNECTION_UNKNOWN, CONNECTION_INVALID. */
export async function watchLoad(
  environment: WorkerEnvironment,
  run: RunReference,
  watched: WatchedLoad,
): Promise<LoadWatch> {
  if (watched.replicas.length === 0 && watched.lanes === null) return NOTHING;
  const key = JSON.stringify([run.runId, run.source, watched]);
  const entry = shared.get(key) ?? { watch: Watch.begin(environment, run, watched), users: 0 };
  shared.set(key, entry);
  entry.users += 1;
  const leave = async (): Promise<void> => {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (shared.get(key) === entry) shared.delete(key);
    await entry.watch.then((watch) => watch.end());
  };
  try {
    const watch = await entry.watch;
    return {
      get heldBack() {
        return watch.heldBack;
      },
      [Symbol.asyncDispose]: leave,
    };
  } catch (error) {
    if (shared.get(key) === entry) shared.delete(key);
    throw error;
  }
}

/** Waits while the copy is held back; answers whether it was. `onWait` hears of each reason. */
export async function untilCalm(
  watch: LoadWatch,
  signal: AbortSignal,
  onWait: (reason: string) => void,
): Promise<boolean> {
  let waited = false;
  for (let reason = watch.heldBack; reason !== null; reason = watch.heldBack) {
    waited = true;
    onWait(reason);
    await sleep(LOOK_MS, undefined, { signal });
  }
  return waited;
}

const NOTHING: LoadWatch = { heldBack: null, [Symbol.asyncDispose]: () => Promise.resolve() };

class Watch {
  private reason: string | null = null;
  private failure: { readonly error: unknown } | null = null;
  private sourceIds: readonly string[] = [];
  private readonly servers = new Map<string, Source>();
  private readonly ended = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  private constructor(
    private readonly environment: WorkerEnvironment,
    private readonly run: RunReference,
    private readonly watched: WatchedLoad,
  ) {}

  static async begin(environment: WorkerEnvironment, run: RunReference, watched: WatchedLoad): Promise<Watch> {
    const watch = new Watch(environment, run, watched);
    // A name that the worker does not know is no server that is down.
    for (const name of watched.replicas) environment.connection(name);
    try {
      watch.sourceIds = await watch.ask(run.source, ({ load }) => load.ids());
      await watch.look();
    } catch (error) {
      await watch.end();
      throw error;
    }
    watch.looking = watch.goOn().catch((error: unknown) => {
      watch.failure = { error };
    });
    return watch;
  }

  get heldBack(): string | null {
    if (this.failure !== null) throw this.failure.error;
    return this.reason;
  }

  async end(): Promise<void> {
    this.ended.abort();
    await this.looking;
    await Promise.all([...this.servers.values()].map((server) => server[Symbol.asyncDispose]()));
  }

  private async goOn(): Promise<void> {
    const more = (): Promise<boolean> => sleep(LOOK_MS, true, { signal: this.ended.signal }).catch(() => false);
    while (await more()) await this.look();
  }

  private async look(): Promise<void> {
    const { replicas, lanes } = this.watched;
    const seen = await Promise.all(replicas.map((name) => this.seeReplica(name)));
    // A source that cannot be asked stops the lanes by itself, and they say so.
    const running =
      lanes === null ? null : await this.ask(this.run.source, ({ load }) => load.running()).catch(forgiven);
    const others = running === null || lanes === null ? null : Math.max(0, running - lanes - 1);
    this.reason = heldBackBy({ replicas: seen, running: others }, this.reason !== null);
  }

  private async seeReplica(name: string): Promise<ReplicaSeen> {
    try {
      const streams = await this.ask(name, ({ load }) => load.replication());
      return { name, ...worst(ofThisSource(streams, this.sourceIds)) };
    } catch (error) {
      return { name, behindSeconds: null, why: reasonOf(error) };
    }
  }

  /** Over a connection that is kept, and made anew after an error. */
  private async ask<T>(name: string, question: (server: Source) => Promise<T>): Promise<T> {
    const known = this.servers.get(name);
    const server = known ?? (await openSource(this.environment, name));
    this.servers.set(name, server);
    try {
      return await question(server);
    } catch (error) {
      this.servers.delete(name);
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }
}

function forgiven(error: unknown): null {
  reasonOf(error);
  return null;
}

/** Errors: whatever is no error of a server. */
function reasonOf(error: unknown): string {
  if (error instanceof MigrationError) return error.message;
  throw error;
}

/** A server may read several others; where none of them is the source, another one may be between. */
export function ofThisSource(streams: readonly Replication[], sourceIds: readonly string[]): readonly Replication[] {
  const direct = streams.filter(({ reads }) => sourceIds.includes(reads));
  return direct.length > 0 ? direct : streams;
}

function worst(streams: readonly Replication[]): Pick<ReplicaSeen, 'behindSeconds' | 'why'> {
  if (streams.length === 0) return { behindSeconds: null, why: 'it is no replica' };
  const stopped = streams.find(({ behindSeconds }) => behindSeconds === null);
  if (stopped !== undefined) return { behindSeconds: null, why: stopped.stopped };
  return { behindSeconds: Math.max(...streams.map(({ behindSeconds }) => behindSeconds ?? 0)), why: '' };
}
