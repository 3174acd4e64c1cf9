import { MigrationError } from '../../domain/errors';
import type { Finding, Severity } from '../../domain/finding';
import type { HaproxySwitch, SwitchStep } from '../../domain/input';
import { allowedSocket } from '../allowed';
import type { WorkerEnvironment } from '../environment';
import { readBackend, type ProxiedServer } from '../haproxy/backend';
import { ask, LEVEL, type RuntimeApi } from '../haproxy/runtimeApi';
import { saidBy } from '../switchHaproxy';

/** The dry run of every haproxy switch: whether it could be made. Nothing but looks is told to HAProxy. */
export async function findInHaproxy(
  environment: WorkerEnvironment,
  steps: readonly SwitchStep[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.kind !== 'haproxy') continue;
    const api = { socket: allowedSocket(environment, step.socket), signal };
    findings.push(...(await findInStep(`cutover.switch[${index}]`, api, step)));
  }
  return findings;
}

async function findInStep(object: string, api: RuntimeApi, step: HaproxySwitch): Promise<Finding[]> {
  const finding = (severity: Severity, source: string, todo: string): Finding[] => [
    { code: 'SWITCH_NOT_READY', severity, object, source, target: '', reason: todo },
  ];
  try {
    const level = await ask(api, 'show cli level');
    const findings = level === 'admin' ? [] : finding('blocking', `the level of ${step.socket} is "${level}"`, LEVEL);
    const servers = await readBackend(api, step.backend);
    return [...findings, ...findInServers(step, servers, finding)];
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    return finding(
      'blocking',
      error.message,
      'mend the socket and the backend that the input names, or HAProxy itself',
    );
  }
}

function findInServers(
  step: HaproxySwitch,
  servers: ReadonlyMap<string, ProxiedServer>,
  finding: (severity: Severity, source: string, todo: string) => Finding[],
): Finding[] {
  const { backend, source, target } = step;
  const missing = [source, target].filter((name) => !servers.has(name));
  if (missing.length > 0) {
    const known = [...servers.keys()].join(', ');
    const todo = `name two of its servers (${known}), or add what is missing to HAProxy's configuration`;
    return missing.flatMap((name) => finding('blocking', `backend "${backend}" has no server "${name}"`, todo));
  }
  const [from, to] = [servers.get(source), servers.get(target)];
  return [
    ...(from?.admin === 'ready' && from.running
      ? []
      : finding(
          'warning',
          told(backend, from),
          'it should be the one that gets requests now: look whether the names are right',
        )),
    ...findInTarget(backend, to, finding),
  ];
}

/** In maintenance a deployment may still be missing: the switch waits for its health check. */
function findInTarget(
  backend: string,
  server: ProxiedServer | undefined,
  finding: (severity: Severity, source: string, todo: string) => Finding[],
): Finding[] {
  if (server === undefined || server.admin === 'maint') return [];
  if (!server.running) return finding('warning', told(backend, server), 'start this deployment before the cutover');
  if (server.admin === 'drain') return [];
  const todo =
    `it gets requests before its database has the data: set server ${backend}/${server.name} state maint, ` +
    'and let the configuration have it disabled';
  return finding('warning', told(backend, server), todo);
}

function told(backend: string, server: ProxiedServer | undefined): string {
  if (server === undefined) return '';
  const open = server.admin === 'ready' ? 'up' : server.admin;
  const state = server.admin !== 'maint' && !server.running ? 'down' : open;
  return `server "${server.name}" of backend "${backend}" is ${state} (${saidBy(server)})`;
}
