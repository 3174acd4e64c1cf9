import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../domain/errors';
import type { HaproxySwitch } from '../domain/input';
import { readBackend, type ProxiedServer } from './haproxy/backend';
import { ask, type RuntimeApi } from './haproxy/runtimeApi';

/** Between two looks at HAProxy while something is waited for. */
const LOOK_MS = 20;
/** How long a deployment that is opened may take until its health check is passed. */
const HEALTHY_MS = 10_000;
/** How long what a server has in hand may take to end by itself, once it is given nothing new. */
const LEAVING_MS = 30_000;
/** As LEAVING_MS, while every user waits for it. */
const HELD_LEAVING_MS = 2_000;
/** How long HAProxy may take until what it was told shows. */
const EFFECT_MS = 2_000;

/** The backup server at which requests wait, as docs/operations.md has it. */
export const HOLD_SERVER = 'hold';

export type TrafficSide = 'source' | 'target';

/** What became of the users' requests. */
export interface TrafficHeld {
  /** False where the backend has no server at which requests could wait: then they go on as before. */
  readonly held: boolean;
  /** Requests and connections that the deployment which is closed still has in hand; a freeze meets them. */
  readonly sessionsLeft: number;
}

/**
 * Sends a backend's traffic to the deployment on the target. Each function may be repeated, and begun anew after a crash
 * at any point; each resolves when HAProxy shows that it took effect. Errors: SWITCH_FAILED, with what to do.
 */
export async function applyHaproxy(
  step: HaproxySwitch,
  signal: AbortSignal,
  leavingMs: number = LEAVING_MS,
): Promise<void> {
  const backend = await Backend.of(step, signal);
  await backend.makeHealthy(step.target);
  await backend.turn(step.target, step.source, leavingMs);
  await checkHaproxy(step, 'target', signal);
}

/**
 * Sends it back to the deployment on the source, or lets it go there after a hold. Its health check is not waited for:
 * it may fail for as long as the source is frozen, which is lifted after this.
 */
export async function undoHaproxy(step: HaproxySwitch, signal: AbortSignal): Promise<void> {
  const backend = await Backend.of(step, signal);
  await backend.turn(step.source, step.target, LEAVING_MS);
}

/**
 * Has requests wait until apply or undo lets them go to the side that is `next`, where the backend has a server of the
 * name HOLD_SERVER for it; elsewhere it changes nothing. The deployment on the target is found healthy first, so that
 * apply is a moment. Register the undo before it. What takes longer than two seconds in the other deployment goes on
 * there.
 */
export async function holdHaproxy(step: HaproxySwitch, next: TrafficSide, signal: AbortSignal): Promise<TrafficHeld> {
  const backend = await Backend.of(step, signal);
  const [open, closed] = sides(step, next);
  if (!backend.canHold) return { held: false, sessionsLeft: backend.server(closed).sessions };
  if (next === 'target') await backend.makeHealthy(open);
  await backend.tell(`${backend.set(closed)} state drain;${backend.set(open)} state drain`);
  const sessionsLeft = await backend.leave(closed, HELD_LEAVING_MS);
  // A draining server still gets the requests that a cookie pins to it.
  await backend.tell(`${backend.set(closed)} state maint`);
  return { held: true, sessionsLeft };
}

/** Errors: SWITCH_FAILED unless this side's deployment, and not the other's, is the one that gets requests. */
export async function checkHaproxy(step: HaproxySwitch, side: TrafficSide, signal: AbortSignal): Promise<void> {
  const backend = await Backend.of(step, signal);
  const [open, closed] = sides(step, side);
  const [opened, shut] = [backend.server(open), backend.server(closed)];
  if (opened.admin !== 'ready' || shut.admin !== 'maint') {
    throw backend.failed(`"${open}" is ${opened.admin} and "${closed}" is ${shut.admin}, for ready and maint`);
  }
  if (shut.sessions > 0) throw backend.failed(`"${closed}" still has ${shut.sessions} sessions`);
  if (!opened.running) throw backend.failed(`"${open}" is down (${saidBy(opened)}): start that deployment`);
}

/** The server of this side, and that of the other. */
function sides({ source, target }: HaproxySwitch, side: TrafficSide): readonly [open: string, closed: string] {
  return side === 'target' ? [target, source] : [source, target];
}

/** What HAProxy's health check says of a server, for people. */
export function saidBy({ check }: ProxiedServer): string {
  return check === null ? 'no health check' : check.said === '' ? 'not checked yet' : check.said;
}

/** Whether requests can wait in a backend. */
export function canHold(servers: ReadonlyMap<string, ProxiedServer>): boolean {
  const hold = servers.get(HOLD_SERVER);
  return hold?.backup === true && hold.admin === 'ready' && hold.running;
}

/** A backend as it was at the last look, and what it can be told. */
class Backend {
  private constructor(
    private readonly api: RuntimeApi,
    private readonly step: HaproxySwitch,
    private servers: ReadonlyMap<string, ProxiedServer>,
  ) {}

  /** Errors: SWITCH_FAILED when HAProxy does not answer, or has no such backend or server. */
  static async of(step: HaproxySwitch, signal: AbortSignal): Promise<Backend> {
    const api = { socket: step.socket, signal };
    const backend = new Backend(api, step, await readBackend(api, step.backend));
    backend.server(step.source);
    backend.server(step.target);
    return backend;
  }

  get canHold(): boolean {
    return canHold(this.servers);
  }

  server(name: string): ProxiedServer {
    const server = this.servers.get(name);
    if (server === undefined) throw this.failed(`it has no server "${name}"`);
    return server;
  }

  /** The beginning of what is told of a server. */
  set(name: string): string {
    return `set server ${this.step.backend}/${name}`;
  }

  /** HAProxy answers nothing where it did what it was told. */
  async tell(line: string): Promise<void> {
    const answer = await ask(this.api, line);
    if (answer !== '') throw this.failed(`"${line}" is answered by "${answer}"`);
  }

  /** Has the deployment's health checked, without giving it requests. One that is given some already must be up. */
  async makeHealthy(name: string): Promise<void> {
    const { admin, running, check } = this.server(name);
    if (check === null || (admin === 'ready' && running)) return;
    // In maintenance nothing is checked.
    if (admin === 'maint') await this.tell(`${this.set(name)} state drain`);
    const healthy = await this.until(HEALTHY_MS, () => this.server(name).check?.passed === true);
    if (!healthy) throw this.failed(`the health check of "${name}" is not passed: ${saidBy(this.server(name))}`);
  }

  /** Opens one server and closes the other: opened first, for a request that finds neither is refused. */
  async turn(open: string, close: string, leavingMs: number): Promise<void> {
    const shut = this.server(close).admin === 'maint' ? 'maint' : 'drain';
    // A request that waits is given to a server anew when the one it waits for goes to maintenance.
    const release = this.canHold
      ? [`${this.set(HOLD_SERVER)} state maint`, `${this.set(HOLD_SERVER)} state ready`]
      : [];
    await this.tell([`${this.set(open)} state ready`, `${this.set(close)} state ${shut}`, ...release].join(';'));
    await this.leave(close, leavingMs);
    await this.tell(`${this.set(close)} state maint`);
    // What has not ended by now speaks to the side that is left, and would for ever: it has to come in anew.
    if (this.server(close).sessions > 0) await this.tell(`shutdown sessions server ${this.step.backend}/${close}`);
    await this.until(EFFECT_MS, () => this.server(close).sessions === 0 && this.server(close).admin === 'maint');
    const { admin, sessions } = this.server(close);
    if (this.server(open).admin !== 'ready' || admin !== 'maint' || sessions > 0) {
      throw this.failed(`"${open}" is ${this.server(open).admin}, "${close}" is ${admin} with ${sessions} sessions`);
    }
  }

  /** Waits until a server has nothing in hand; answers how much it has when the time is over. */
  async leave(name: string, patienceMs: number): Promise<number> {
    await this.until(patienceMs, () => this.server(name).sessions === 0);
    return this.server(name).sessions;
  }

  failed(what: string): MigrationError {
    return new MigrationError(
      'SWITCH_FAILED',
      `HAProxy at ${this.step.socket}, backend "${this.step.backend}": ${what}; it is tried again until it succeeds`,
    );
  }

  /** Looks until it holds; false when the time is over before. */
  private async until(patienceMs: number, holds: () => boolean): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      this.servers = await readBackend(this.api, this.step.backend);
      if (holds()) return true;
      if (performance.now() > deadline) return false;
      await sleep(LOOK_MS, undefined, { signal: this.api.signal });
    }
  }
}
