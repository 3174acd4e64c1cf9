import type { RunReference } from '../domain/activityMessages';
import type { HaproxySwitch, HttpSwitch, SwitchStep } from '../domain/input';
import type { UndoByHand } from '../engines/engine';
import { allowedFile, allowedSocket } from './allowed';
import type { WorkerEnvironment } from './environment';
import { putBackByHand } from './switchFile';

/** A switch step as the rollback log has it: commands of a shell. Errors: FILE_NOT_ALLOWED, SOCKET_NOT_ALLOWED. */
export function switchByHand(environment: WorkerEnvironment, run: RunReference, step: SwitchStep): UndoByHand {
  switch (step.kind) {
    case 'file': {
      const file = allowedFile(environment, step.path);
      return { kind: 'file', name: file, undo: putBackByHand(file, run.runId) };
    }
    case 'http':
      return { kind: 'http', name: `${step.method} ${placeOf(step.url)}`, undo: callBack(run, step) };
    case 'haproxy':
      allowedSocket(environment, step.socket);
      return { kind: 'haproxy', name: `${step.backend}: ${step.source} to ${step.target}`, undo: turnBack(step) };
  }
}

/** The two commands that count; what the target's deployment has in hand ends by itself. */
function turnBack({ socket, backend, source, target }: HaproxySwitch): string {
  const address = /^[^/]+:\d+$/.test(socket) ? `TCP:${socket}` : `UNIX-CONNECT:${socket}`;
  const commands = `set server ${backend}/${source} state ready; set server ${backend}/${target} state maint`;
  return `echo '${commands}' | socat stdio '${address.replaceAll("'", `'\\''`)}'`;
}

/** Queries and bodies may hold what is not for every reader of a log: they stay where the input is. */
function callBack({ workflowId }: RunReference, { undo }: HttpSwitch): string {
  if (undo === undefined) return '';
  const call = `curl --fail --request ${undo.method ?? 'POST'} '${placeOf(undo.url).replaceAll("'", '%27')}'`;
  const more = undo.body !== undefined || new URL(undo.url).search !== '';
  const whole = `add the query and the body that cutover.switch has for this undo in the input of workflow ${workflowId}`;
  return more ? `${call} # ${whole}` : call;
}

function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
