import { once } from 'node:events';
import { startAll } from './index';
import { reasonOf, say } from './run';

/** Where Temporal's own documentation says the web UI is. */
const UI_PORT = 8233;

/** `npm run servers`: the servers that the tests use, up until Ctrl-C. */
async function main(): Promise<void> {
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  // Servers alone do not keep this process up, and must not: it is what ends them.
  const alive = setInterval(() => undefined, 60_000);
  say('Starting MySQL, MariaDB, PostgreSQL and Temporal');
  const servers = await startAll({ uiPort: UI_PORT });
  const lines = [
    `TEST_MYSQL_URL=${servers.mysqlUrl}`,
    `TEST_MARIADB_URL=${servers.mariadbUrl}`,
    `TEST_POSTGRES_URL=${servers.postgresUrl}`,
    `TEST_TEMPORAL_ADDRESS=${servers.temporalAddress}`,
    `TEMPORAL_ADDRESS=${servers.temporalAddress}`,
    `Temporal CLI: ${servers.temporalCli}`,
    ...(servers.temporalUiUrl === undefined ? [] : [`Web UI: ${servers.temporalUiUrl}`]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  say('Ctrl-C ends them and deletes their data');
  await ended;
  await servers.stop();
  clearInterval(alive);
}

main().catch((error: unknown) => {
  say(reasonOf(error));
  process.exit(1);
});
