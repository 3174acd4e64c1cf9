import type { AllServers } from '../../scripts/servers';

/** Jest loads set-up and teardown apart from each other: what one leaves for the other goes by the global object. */
const shelf = globalThis as { temporalMigrateServers?: AllServers };

export function keepForTeardown(servers: AllServers): void {
  shelf.temporalMigrateServers = servers;
}

export default async function globalTeardown(): Promise<void> {
  await shelf.temporalMigrateServers?.stop();
}
