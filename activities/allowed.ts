import { realpathSync } from 'node:fs';
import path from 'node:path';
import { MigrationError } from '../domain/errors';
import type { SwitchStep } from '../domain/input';
import type { WorkerEnvironment } from './environment';

/** Refuses what an input may not use on the worker's machine, naming the variable that would allow it. */
export function refuseForbidden(environment: WorkerEnvironment, steps: readonly SwitchStep[], probeUrl?: string): void {
  if (probeUrl !== undefined) allowedUrl(environment, probeUrl);
  for (const step of steps) {
    if (step.kind === 'file') allowedFile(environment, step.path);
    if (step.kind === 'haproxy') allowedSocket(environment, step.socket);
    if (step.kind === 'http')
      for (const call of [step, step.undo, step.check]) if (call !== undefined) allowedUrl(environment, call.url);
  }
}

/** The path itself, absolute, when it lies under a root, links resolved. Errors: FILE_NOT_ALLOWED. */
export function allowedFile({ fileRoots }: WorkerEnvironment, file: string): string {
  const absolute = path.resolve(file);
  const real = path.join(existingPart(path.dirname(absolute)), path.basename(absolute));
  const inside = fileRoots.some((root) => real.startsWith(`${existingPart(root)}${path.sep}`));
  if (inside) return real;
  throw new MigrationError(
    'FILE_NOT_ALLOWED',
    `the file ${file} lies outside MIGRATION_FILE_ROOTS (${fileRoots.join(', ')}): add its folder there`,
  );
}

/** Resolves the links of the part of a path that exists, so that a link cannot lead out of a root. */
function existingPart(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? folder : path.join(existingPart(parent), path.basename(folder));
  }
}

/** The socket itself, when the worker names it. Errors: SOCKET_NOT_ALLOWED. */
export function allowedSocket({ haproxySockets }: WorkerEnvironment, socket: string): string {
  if (haproxySockets.includes(socket)) return socket;
  throw new MigrationError(
    'SOCKET_NOT_ALLOWED',
    `the socket ${socket} is not in MIGRATION_HAPROXY_SOCKETS (${haproxySockets.join(', ') || 'empty'}): add it there`,
  );
}

/** Errors: HOST_NOT_ALLOWED. */
export function allowedUrl({ httpHosts }: WorkerEnvironment, url: string): URL {
  const parsed = new URL(url);
  if (httpHosts.includes(parsed.host) || httpHosts.includes(parsed.hostname)) return parsed;
  throw new MigrationError(
    'HOST_NOT_ALLOWED',
    `the host ${parsed.host} is not in MIGRATION_HTTP_HOSTS (${httpHosts.join(', ') || 'empty'}): add it there`,
  );
}
