import { startAll } from '../../scripts/servers';
import { keepForTeardown } from './globalTeardown';
import { shareServers } from './servers';

/** Starts the servers that all suites of test/scenarios share. */
export default async function globalSetup(): Promise<void> {
  // Jest ends at once on a signal, without its teardown; an exit in good order ends the servers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const servers = await startAll();
  keepForTeardown(servers);
  shareServers(servers);
}
