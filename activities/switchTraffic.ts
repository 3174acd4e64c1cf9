import type { RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { HttpSwitch, SwitchStep } from '../domain/input';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { allowedFile, allowedSocket, allowedUrl } from './allowed';
import { withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { switchByHand } from './switchByHand';
import { applyHaproxy, holdHaproxy, undoHaproxy, type TrafficHeld, type TrafficSide } from './switchHaproxy';
import { putBack, writeSwitch } from './switchFile';

const HTTP_TIMEOUT_MS = 30_000;

/** Sends the application's traffic to the other side. Every step is idempotent: it is repeated until its check holds. */
export function switchActivities(environment: WorkerEnvironment) {
  return {
    applySwitch: activity(async (self, run: RunReference, step: SwitchStep): Promise<void> => {
      const entry = switchByHand(environment, run, step);
      await withTarget(environment, run, ({ control }) => control.logSwitch(run.runId, entry));
      await apply(environment, run, step, self.signal);
      faultPoint('switch.applied');
    }),
    /**
     * Has users' requests wait, where the step can do that, until applySwitch or undoSwitch lets them go to the side that
     * is `next`: register the undo before.
     */
    holdTraffic: activity(
      async (self, run: RunReference, step: SwitchStep, next: TrafficSide): Promise<TrafficHeld> => {
        if (step.kind !== 'haproxy') return { held: false, sessionsLeft: 0 };
        const socket = allowedSocket(environment, step.socket);
        const entry = switchByHand(environment, run, step);
        await withTarget(environment, run, ({ control }) => control.logSwitch(run.runId, entry));
        return holdHaproxy({ ...step, socket }, next, self.signal);
      },
    ),
    undoSwitch: activity(
      async (self, run: RunReference, step: SwitchStep): Promise<void> => {
        await undo(environment, run, step, self.signal);
      },
      { persistent: true },
    ),
    // Apart from the undo itself: traffic must go back also while the target does not answer.
    noteSwitchedBack: activity(
      async (_self, run: RunReference): Promise<void> =>
        withTarget(environment, run, ({ control }) => control.noteSwitchedBack(run.runId)),
      { persistent: true },
    ),
  };
}

async function apply(
  environment: WorkerEnvironment,
  run: RunReference,
  step: SwitchStep,
  signal: AbortSignal,
): Promise<void> {
  switch (step.kind) {
    case 'file':
      return writeSwitch(allowedFile(environment, step.path), step.content, run.runId);
    case 'http':
      return callHttp(environment, step, signal);
    case 'haproxy':
      return applyHaproxy({ ...step, socket: allowedSocket(environment, step.socket) }, signal);
  }
}

async function undo(
  environment: WorkerEnvironment,
  run: RunReference,
  step: SwitchStep,
  signal: AbortSignal,
): Promise<void> {
  switch (step.kind) {
    case 'file':
      return putBack(allowedFile(environment, step.path), run.runId);
    case 'http':
      if (step.undo !== undefined) await call(environment, { method: 'POST', ...step.undo }, signal);
      return;
    case 'haproxy':
      return undoHaproxy({ ...step, socket: allowedSocket(environment, step.socket) }, signal);
  }
}

async function callHttp(environment: WorkerEnvironment, step: HttpSwitch, signal: AbortSignal): Promise<void> {
  await call(environment, step, signal);
  if (step.check !== undefined) await call(environment, { method: 'GET', ...step.check }, signal);
}

interface HttpCall {
  readonly url: string;
  readonly method?: string | undefined;
  readonly body?: unknown;
}

async function call(
  environment: WorkerEnvironment,
  { url, method, body }: HttpCall,
  signal: AbortSignal,
): Promise<void> {
  const target = allowedUrl(environment, url);
  const failed = (what: string): MigrationError =>
    new MigrationError(
      'SWITCH_FAILED',
      `${method} ${target.origin}${target.pathname} ${what}; it is tried again until it succeeds`,
    );
  const response = await fetch(target, {
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(HTTP_TIMEOUT_MS)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw failed(`did not answer (${error instanceof Error ? error.message : 'no reason given'})`);
  });
  await response.arrayBuffer();
  if (!response.ok) throw failed(`answered ${response.status}`);
}
