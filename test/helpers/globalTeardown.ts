import { rm } from 'node:fs/promises';
import type { AllServers } from '../../scripts/servers';
import { findSecrets, histories, recordsIn } from './secretSearch';

/** What the set-up leaves for the teardown. */
interface Shelf {
  readonly servers: AllServers;
  /** The folder with what the run's workers left behind. */
  readonly records: string;
}

/** Jest loads set-up and teardown apart from each other: what one leaves for the other goes by the global object. */
const shelf = globalThis as { temporalMigrateRun?: Shelf };

export function keepForTeardown(left: Shelf): void {
  shelf.temporalMigrateRun = left;
}

export default async function globalTeardown(): Promise<void> {
  const left = shelf.temporalMigrateRun;
  if (left === undefined) return;
  try {
    const found = await searchRun(left);
    // Jest fails a run whose teardown fails.
    if (found.length > 0) throw new Error(`passwords of connections were found:\n${found.join('\n')}`);
    await rm(left.records, { recursive: true, force: true });
  } finally {
    await left.servers.stop();
  }
}

/** Looks for the password of every connection that a worker knew, wherever the run has left anything. */
async function searchRun({ servers, records }: Shelf): Promise<string[]> {
  const { passwords, searched } = await recordsIn(records);
  const found = findSecrets(passwords, searched);
  for await (const part of histories(servers.temporalAddress, servers.temporalNamespace)) {
    found.push(...findSecrets(passwords, [part]));
  }
  return [...new Set(found)];
}
