import type { AllServers } from '../../scripts/servers';

/** The servers that the whole test run shares. A test makes databases and workflow ids of its own on them. */
export interface SharedServers {
  readonly mysqlUrl: string;
  readonly mariadbUrl: string;
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  readonly temporalCli: string;
}

const VARIABLES: Readonly<Record<keyof SharedServers, string>> = {
  mysqlUrl: 'TEST_MYSQL_URL',
  mariadbUrl: 'TEST_MARIADB_URL',
  postgresUrl: 'TEST_POSTGRES_URL',
  temporalAddress: 'TEMPORAL_ADDRESS',
  temporalCli: 'TEST_TEMPORAL_CLI',
};

/** The set-up's side: makes the servers known to every test process. */
export function shareServers(servers: AllServers): void {
  for (const [name, variable] of Object.entries(VARIABLES))
    process.env[variable] = servers[name as keyof SharedServers];
}

/** The tests' side. Throws outside the suites for which the set-up starts servers, which is test/scenarios. */
export function sharedServers(): SharedServers {
  const read = (name: keyof SharedServers): string => {
    const value = process.env[VARIABLES[name]];
    if (value === undefined) throw new Error(`${VARIABLES[name]} is not set: only test/scenarios has shared servers`);
    return value;
  };
  return {
    mysqlUrl: read('mysqlUrl'),
    mariadbUrl: read('mariadbUrl'),
    postgresUrl: read('postgresUrl'),
    temporalAddress: read('temporalAddress'),
    temporalCli: read('temporalCli'),
  };
}
