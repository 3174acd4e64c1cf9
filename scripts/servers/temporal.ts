import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startLocalServer } from './localServer';
import { freePort, knock } from './ports';
import { findProgram } from './programs';
import type { TemporalServer } from './types';
import { TEMPORAL_NAMESPACE, TEMPORAL_OPTIONS } from './versions';

export interface TemporalOptions {
  /** The web UI's port when nobody listens there; else, or when none is named, it is any free one. */
  readonly uiPort?: number;
}

/** Starts Temporal with its web UI. Its database is a file, so histories outlive a stop or a kill of the server. */
export async function startTemporal(options: TemporalOptions = {}): Promise<TemporalServer> {
  const program = await findProgram('temporal');
  const uiPort = await freePort(options.uiPort);
  const server = await startLocalServer({
    kind: 'temporal',
    program,
    user: undefined,
    stopSignal: 'SIGTERM',
    prepare: () => Promise.resolve(),
    args: (folder, port) => [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', join(folder, 'temporal.db'), '--log-level', 'warn', ...TEMPORAL_OPTIONS],
    ],
    answers: untilNamespaceExists,
  });
  return Object.assign(server, {
    address: `127.0.0.1:${server.port}`,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    cli: program,
    namespace: TEMPORAL_NAMESPACE,
  });
}

/** The server makes its namespace shortly after it begins to answer; before, a worker would be refused. */
async function untilNamespaceExists(port: number): Promise<void> {
  // The client of gRPC waits a second before it tries a closed port again.
  await knock(port);
  const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: TEMPORAL_NAMESPACE });
  } finally {
    await connection.close();
  }
}
