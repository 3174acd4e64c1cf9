import type { RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { HttpSwitch, SwitchStep } from '../domain/input';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { allowedFile, allowedUrl } from './allowed';
import { withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { switchByHand } from './switchByHand';
import { putBack, writeSwitch } from './switchFile';

const HTTP_TIMEOUT_MS = 30_000;

/** Sends the application's traffic to the other side. Every step is idempotent: it is repeated until its check holds. */
export function switchActivities(environment: WorkerEnvironment) {
  return {
    applySwitch: activity(async (self, run: RunReference, step: SwitchStep): Promise<void> => {
      const entry = switchByHand(environment, run, step);
      await withTarget(environment, run, ({ control }) => control.logSwitch(run.runId, entry));
      if (step.kind === 'file') await writeSwitch(allowedFile(environment, step.path), step.content, run.runId);
      else if (step.kind === 'http') await callHttp(environment, step, self.signal);
      else throw unbuilt(step);
      faultPoint('switch.applied');
    }),
    undoSwitch: activity(
      async (self, run: RunReference, step: SwitchStep): Promise<void> => {
        if (step.kind === 'file') await putBack(allowedFile(environment, step.path), run.runId);
        else if (step.kind === 'http') {
          if (step.undo !== undefined) await call(environment, { method: 'POST', ...step.undo }, self.signal);
        } else throw unbuilt(step);
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

function unbuilt(step: SwitchStep): MigrationError {
  return new MigrationError('OPTION_NOT_BUILT', `this release has no switch of kind "${step.kind}"`);
}
