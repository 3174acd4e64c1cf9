import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAll } from '../../scripts/servers';
import { RECORDS } from '../../scripts/workerRecord';
import { keepForTeardown } from './globalTeardown';
import { shareServers } from './servers';

/** Starts the servers that all suites of test/scenarios share, and the keeping of what their workers leave behind. */
export default async function globalSetup(): Promise<void> {
  // Jest ends at once on a signal, without its teardown; an exit in good order ends the servers.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const servers = await startAll();
  const records = await mkdtemp(join(tmpdir(), 'temporal-migrate-records-'));
  process.env[RECORDS] = records;
  keepForTeardown({ servers, records });
  shareServers(servers);
}
