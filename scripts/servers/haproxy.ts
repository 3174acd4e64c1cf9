import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLocalServer } from './localServer';
import { knock } from './ports';
import { findProgram } from './programs';
import type { RunningServer } from './types';

export interface HaproxyServer extends RunningServer {
  /** The socket of its runtime API, with the level `admin`. */
  readonly socket: string;
  /** Another one, with the level `operator`, which may look and change little. */
  readonly operatorSocket: string;
}

/**
 * Starts an HAProxy that listens on its port as the frontend `users`. `configuration` goes on in the section of
 * defaults, and has the backend that `users` sends everything to, named `app`.
 */
export async function startHaproxy(configuration: string): Promise<HaproxyServer> {
  const program = await findProgram('haproxy');
  const adminIn = (folder: string): string => join(folder, 'admin.sock');
  const operatorIn = (folder: string): string => join(folder, 'operator.sock');
  const server = await startLocalServer({
    kind: 'haproxy',
    program,
    user: undefined,
    stopSignal: 'SIGTERM',
    prepare: async (folder, port) => {
      const text = [
        'global',
        `  stats socket ${adminIn(folder)} mode 600 level admin`,
        `  stats socket ${operatorIn(folder)} mode 600 level operator`,
        'defaults',
        '  mode http',
        configuration.trimEnd(),
        'frontend users',
        `  bind 127.0.0.1:${port}`,
        '  default_backend app',
        '',
      ];
      await writeFile(join(folder, 'haproxy.cfg'), text.join('\n'));
    },
    args: (folder) => ['-db', '-f', join(folder, 'haproxy.cfg')],
    answers: knock,
  });
  return Object.assign(server, { socket: adminIn(server.folder), operatorSocket: operatorIn(server.folder) });
}
