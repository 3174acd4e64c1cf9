import { errorNumber } from '../errors';
import { matchesDatabase } from '../grants';
import { quoteName, quoteText } from '../quote';
import type { Session } from '../session';
import { readGrantLine, writesOf, type GrantedPrivileges, type GrantLine } from './grantText';

/** An account or a role, with what it is granted itself. */
export interface Grantee {
  /** As the server spells it in SQL. */
  readonly name: string;
  /** What a session of it calls itself; null for what nobody can log in as. */
  readonly user: string | null;
  readonly locked: boolean;
  /** The server's own, or its host's: nothing is taken from it. */
  readonly reserved: boolean;
  readonly lines: readonly GrantLine[];
}

/** One that can write to the database, by what it is granted itself or through roles. */
export interface Writer {
  readonly grantee: Grantee;
  /** Its own grants in the database, each with what of it writes. */
  readonly inDatabase: readonly { readonly line: GrantedPrivileges; readonly writes: readonly string[] }[];
  /** Whether it can write wherever it likes on the server. */
  readonly everywhere: boolean;
}

/** What servers and their hosts keep for themselves; most of it nobody else may touch. */
const RESERVED =
  /^(mysql\.(sys|session|infoschema)|mariadb\.sys|rds(admin|repladmin|topmgr|_superuser_role)|cloudsql(admin|agent|applier|export|import|replica|readonly|observability)|azure_superuser|azure_replication_.*)$/;

const ACCOUNTS = {
  mysql: 'SELECT User, Host, account_locked, NULL FROM mysql.user',
  mariadb:
    "SELECT User, Host, JSON_VALUE(Priv, '$.account_locked'), JSON_VALUE(Priv, '$.is_role') FROM mysql.global_priv",
} as const;

const PUBLIC = 'PUBLIC';

/** Every account and role. Errors: PRIVILEGE_MISSING without SELECT on `mysql`.*. */
export async function readGrantees(session: Session): Promise<Grantee[]> {
  const grantees: Grantee[] = [];
  for (const [user, host, locked, role] of await session.query(
    `${ACCOUNTS[session.server.flavour]} ORDER BY User, Host`,
  )) {
    if (user === null || user === undefined) continue;
    const everybody = session.server.flavour === 'mariadb' && user === PUBLIC && !host;
    const isRole = everybody || isTrue(role ?? null);
    const name = everybody ? PUBLIC : isRole ? quoteName(user) : `${quoteName(user)}@${quoteName(host ?? '')}`;
    const lines = await grantsOf(session, name);
    grantees.push({
      name,
      user: isRole ? null : user,
      locked: isTrue(locked ?? null),
      reserved: RESERVED.test(user),
      lines,
    });
  }
  return grantees;
}

async function grantsOf(session: Session, name: string): Promise<GrantLine[]> {
  // The server leaves out accounts of named hosts where it resolves no names, or has just lost this one.
  const NO_SUCH_GRANT = 1141;
  try {
    const lines = await session.query(`SHOW GRANTS FOR ${name}`);
    return lines.flatMap(([line]) => readGrantLine(line ?? '') ?? []);
  } catch (error) {
    if (errorNumber(error) === NO_SUCH_GRANT) return [];
    throw error;
  }
}

function isTrue(value: string | null): boolean {
  return value === 'Y' || value === '1' || value === 'true';
}

/** The user name that this session logged in with: all accounts of it are the migration's own. */
export async function ownUser(session: Session): Promise<string> {
  const [row] = await session.query("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', -1), CURRENT_USER()");
  const [host = '', account = ''] = (row ?? []).map((cell) => cell ?? '');
  return account.slice(0, -host.length - 1);
}

/** Those that can write to the session's database, but for the migration's own. */
export async function findWriters(session: Session, grantees: readonly Grantee[]): Promise<Writer[]> {
  const [row] = await session.query('SELECT DATABASE()');
  const database = row?.[0] ?? '';
  const own = await ownUser(session);
  const byName = new Map(grantees.map((grantee) => [grantee.name, grantee]));
  const { flavour } = session.server;
  const here = new Map(grantees.map((grantee) => [grantee, writesIn(grantee, database, flavour)]));
  return grantees
    .filter(({ user, reserved }) => user !== own && !reserved)
    .map((grantee) => {
      const roles = rolesOf(grantee, byName);
      // What a reserved role gives cannot be taken from it, only from those who have it.
      const untakable = roles.some((role) => role.reserved && (here.get(role) ?? []).length > 0);
      const everywhere = untakable || writesEverywhere([grantee, ...roles], database, flavour);
      return { grantee, inDatabase: here.get(grantee) ?? [], everywhere };
    })
    .filter(({ grantee, inDatabase, everywhere }) => {
      if (everywhere || inDatabase.length > 0) return true;
      return rolesOf(grantee, byName).some((role) => (here.get(role) ?? []).length > 0);
    });
}

/** The roles of an account and their roles, and what everybody has. */
export function rolesOf(grantee: Grantee, byName: ReadonlyMap<string, Grantee>): Grantee[] {
  const found = new Set<Grantee>();
  const follow = ({ lines }: Grantee): void => {
    for (const name of lines.flatMap((line) => (line.kind === 'roles' ? line.roles : []))) {
      const role = byName.get(name);
      if (role === undefined || found.has(role)) continue;
      found.add(role);
      follow(role);
    }
  };
  const everybody = byName.get(PUBLIC);
  if (everybody !== undefined) found.add(everybody);
  follow(grantee);
  return [...found].filter((role) => role !== grantee);
}

function writesIn({ lines }: Grantee, database: string, flavour: Session['server']['flavour']): Writer['inDatabase'] {
  return lines
    .filter((line) => line.kind === 'privileges')
    .filter(({ level, database: on }) => level !== 'server' && isOn(on ?? '', level, database))
    .map((line) => ({ line, writes: writesOf(line, flavour) }))
    .filter(({ writes }) => writes.length > 0);
}

function isOn(granted: string, level: GrantedPrivileges['level'], database: string): boolean {
  return level === 'database' ? matchesDatabase(granted, database) : granted === database;
}

function writesEverywhere(all: readonly Grantee[], database: string, flavour: Session['server']['flavour']): boolean {
  const lines = all.flatMap(({ lines }) => lines);
  const kept = lines.flatMap((line) =>
    line.kind === 'partialRevoke' && line.database === database ? line.privileges : [],
  );
  return lines.some(
    (line) =>
      line.kind === 'privileges' &&
      line.level === 'server' &&
      writesOf(line, flavour).some((privilege) => !kept.includes(privilege)),
  );
}

/** Databases that a pattern of a grant covers besides the session's own. */
export async function othersCovered(session: Session, pattern: string): Promise<string[]> {
  const system = ['mysql', 'sys', 'information_schema', 'performance_schema'].map(quoteText).join(', ');
  const rows = await session.query(
    // The first shows only what the login may use; the second all that have transactional tables.
    `SELECT name FROM (SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA UNION
       SELECT database_name FROM mysql.innodb_table_stats) AS all_databases
     WHERE name <> DATABASE() AND name NOT IN (${system})`,
  );
  return rows.map(([name]) => name ?? '').filter((name) => matchesDatabase(pattern, name));
}
