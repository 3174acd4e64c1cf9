import { findProgram } from './programs';
import { startMariadb, startMysql } from './mysql';
import { startPostgres } from './postgres';
import { startTemporal, type TemporalOptions } from './temporal';
import type { RunningServer } from './types';
import { TEMPORAL_NAMESPACE } from './versions';

/** The four servers of a test run or a demo, some of which may be somebody else's. */
export interface AllServers {
  readonly mysqlUrl: string;
  readonly mariadbUrl: string;
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** Absent when the Temporal server was not started here. */
  readonly temporalUiUrl?: string;
  readonly temporalCli: string;
  /** Ends those that were started here, and deletes their data. */
  stop(): Promise<void>;
}

/**
 * Starts a MySQL, a MariaDB, a PostgreSQL and a Temporal at once. One that TEST_MYSQL_URL, TEST_MARIADB_URL,
 * TEST_POSTGRES_URL or TEST_TEMPORAL_ADDRESS names is used as it is; the URLs are an administrator's.
 */
export async function startAll(options: TemporalOptions = {}): Promise<AllServers> {
  const started: RunningServer[] = [];
  const keep = async <S extends RunningServer>(starting: Promise<S>): Promise<S> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  const databaseUrl = async (variable: string, start: () => ReturnType<typeof startMysql>): Promise<string> =>
    process.env[variable] ?? (await keep(start())).url();
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.remove()));
  };
  const address = process.env['TEST_TEMPORAL_ADDRESS'];
  const starting = [
    databaseUrl('TEST_MYSQL_URL', startMysql),
    databaseUrl('TEST_MARIADB_URL', startMariadb),
    databaseUrl('TEST_POSTGRES_URL', startPostgres),
    address === undefined ? keep(startTemporal(options)) : Promise.resolve(undefined),
    findProgram('temporal'),
  ] as const;
  // When one fails, the others are waited for, or they would start after everything was ended.
  await Promise.allSettled(starting);
  const [mysqlUrl, mariadbUrl, postgresUrl, temporal, temporalCli] = await Promise.all(starting).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  return {
    mysqlUrl,
    mariadbUrl,
    postgresUrl,
    temporalAddress: address ?? temporal?.address ?? '',
    temporalNamespace: TEMPORAL_NAMESPACE,
    ...(temporal === undefined ? {} : { temporalUiUrl: temporal.uiUrl }),
    temporalCli,
    stop,
  };
}
