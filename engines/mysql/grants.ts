import type { Finding } from '../../domain/finding';
import type { FreezeMode } from '../../domain/freeze';
import type { ManagedService } from './preflight/managed';
import { quoteName } from './quote';
import type { Session } from './session';

/** One line of SHOW GRANTS: privileges in upper case, on everything (`*.*`), a database (`db.*`) or a table. */
interface Grant {
  readonly privileges: ReadonlySet<string>;
  readonly database: string;
  readonly table: string;
}

/** A right that the migration needs of the user; any of `privileges` gives it, and the first is proposed. */
interface Need {
  readonly privileges: readonly string[];
  readonly on: 'server' | 'database' | { readonly database: string; readonly table: string };
  readonly severity: 'blocking' | 'warning';
  readonly why: string;
  /** True of a right that managed services give to no user. */
  readonly withheld?: true;
}

const IN_DATABASE: readonly Need[] = [
  { privileges: ['SHOW VIEW'], on: 'database', severity: 'warning', why: 'views cannot be listed with their text' },
  { privileges: ['TRIGGER'], on: 'database', severity: 'warning', why: 'triggers cannot be listed' },
  { privileges: ['EVENT'], on: 'database', severity: 'warning', why: 'events cannot be listed' },
];

const PROCESS: Need = {
  privileges: ['PROCESS'],
  on: 'server',
  severity: 'blocking',
  why: 'the freeze must see which transactions are open',
};

function neededByAccounts(need: Need): Need {
  if (!need.privileges.includes('EVENT')) return need;
  return { ...need, severity: 'blocking', why: 'the freeze must see events, which run whatever is taken from whom' };
}

/** SELECT on everything shows them, too. */
const SHOW_ROUTINE: Need = {
  privileges: ['SHOW_ROUTINE', 'SELECT'],
  on: 'server',
  severity: 'warning',
  why: 'procedures and functions of other owners cannot be listed with their text',
};

/**
 * Of each freeze; where nothing will be frozen they are told and not asked for. From MariaDB 10.11 on, SUPER no longer
 * implies what has a name of its own.
 */
function needs({ server }: Session, mode: FreezeMode | 'none'): readonly Need[] {
  const needed = { on: 'server', severity: mode === 'none' ? 'warning' : 'blocking' } as const;
  const orSuper = server.flavour === 'mysql' || server.version < 101100 ? ['SUPER'] : [];
  const replication = 'the freeze must know of replication';
  const mysql = server.flavour === 'mysql';
  return [
    ...(mode === 'accounts' ? IN_DATABASE.map(neededByAccounts) : IN_DATABASE),
    { ...PROCESS, ...needed },
    ...(mode === 'accounts'
      ? [
          { privileges: ['CREATE USER'], ...needed, why: 'the freeze locks accounts' },
          {
            privileges: [mysql ? 'CONNECTION_ADMIN' : 'CONNECTION ADMIN', ...orSuper],
            ...needed,
            why: 'the freeze ends sessions',
          },
        ]
      : [
          {
            privileges: [mysql ? 'SYSTEM_VARIABLES_ADMIN' : 'READ_ONLY ADMIN', ...orSuper],
            ...needed,
            why: 'the freeze makes the server read-only (where nobody may, as on most managed or shared servers, give "cutover":{"freeze":"accounts"})',
            withheld: true as const,
          },
        ]),
    ...(mysql
      ? [
          ...(server.version >= 80020 ? [SHOW_ROUTINE] : []),
          { privileges: ['REPLICATION CLIENT', 'SUPER'], ...needed, why: replication },
          { privileges: ['XA_RECOVER_ADMIN'], ...needed, why: 'the freeze must see prepared transactions' },
        ]
      : [{ privileges: ['SLAVE MONITOR', 'REPLICA MONITOR', 'SUPER'], ...needed, why: replication }]),
  ];
}

/** Of a stream of the log, whatever the freeze. */
function streamNeeds({ server }: Session): readonly Need[] {
  const needed = { on: 'server', severity: 'blocking' } as const;
  const watched = 'where the log stands and which of its files are left must be seen while it is followed';
  return [
    { privileges: ['REPLICATION SLAVE', 'REPLICATION REPLICA'], ...needed, why: 'the log is sent only to a replica' },
    ...(server.flavour === 'mysql'
      ? [
          { privileges: ['REPLICATION CLIENT', 'SUPER'], ...needed, why: watched },
          {
            privileges: ['BACKUP_ADMIN'],
            ...needed,
            why: 'performance_schema.log_status tells from where the log is followed',
          },
          {
            ...needed,
            privileges: ['SELECT'],
            on: { database: 'performance_schema', table: 'log_status' },
            why: 'it tells from where the log is followed',
          },
        ]
      : [
          {
            privileges: ['BINLOG MONITOR', ...(server.version < 101100 ? ['SUPER'] : [])],
            ...needed,
            why: watched,
          },
        ]),
  ];
}

/** MySQL tells where its log stands as a table is read only while nobody writes the table. */
async function keylessNeeds(session: Session): Promise<Need[]> {
  if (session.server.flavour !== 'mysql') return [];
  const rows = await session.query(
    `SELECT TABLE_NAME FROM information_schema.TABLES t
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' AND ENGINE = 'InnoDB' AND NOT EXISTS (
       SELECT 1 FROM information_schema.STATISTICS s
       WHERE s.TABLE_SCHEMA = t.TABLE_SCHEMA AND s.TABLE_NAME = t.TABLE_NAME AND s.NON_UNIQUE = 0
       GROUP BY s.INDEX_NAME HAVING MAX(s.NULLABLE = 'YES') = 0)`,
  );
  if (rows.length === 0) return [];
  const named = rows.map(([name]) => name ?? '').slice(0, 10);
  const why = `tables without a key are locked for a moment, in which it is told where the log stands as they are read: ${named.join(', ')}`;
  return [{ privileges: ['LOCK TABLES'], on: 'database', severity: 'warning', why }];
}

/** A right that is needed for more than one reason is asked for once, for the gravest of them. */
function ofEach(needed: readonly Need[]): Need[] {
  const blocking = new Set(
    needed.filter(({ severity }) => severity === 'blocking').map(({ privileges }) => privileges[0]),
  );
  const kept = new Map<string | undefined, Need>();
  for (const need of needed) {
    const [name] = need.privileges;
    if (kept.has(name) || (blocking.has(name) && need.severity !== 'blocking')) continue;
    kept.set(name, need);
  }
  return [...kept.values()];
}

/**
 * The rights the connection's user lacks, each with the statement that grants it; or where no user of a managed service
 * can have it, with the way without.
 */
export async function grantFindings(
  session: Session,
  mode: FreezeMode | 'none',
  live: boolean,
  service: ManagedService | null,
): Promise<Finding[]> {
  const grants = (await session.query('SHOW GRANTS')).flatMap(([line]) => readGrant(line ?? '') ?? []);
  const [row] = await session.query('SELECT DATABASE(), CURRENT_USER()');
  const [database = '', account = ''] = (row ?? []).map((cell) => cell ?? '');
  const needed = [
    ...needs(session, mode),
    ...(live ? [...streamNeeds(session), ...(await keylessNeeds(session))] : []),
  ];
  const lacking = ofEach(needed).filter(({ privileges, on }) =>
    privileges.every((privilege) => {
      if (typeof on === 'object') return !holds(grants, privilege, on.database, on.table);
      return !holds(grants, privilege, on === 'server' ? null : database, null);
    }),
  );
  return [
    ...(await selectFindings(session, grants, database, account)),
    ...lacking.map(({ privileges, on, severity, why, withheld }) => {
      const level =
        typeof on === 'object'
          ? `${quoteName(on.database)}.${quoteName(on.table)}`
          : on === 'server'
            ? '*.*'
            : `${quoteName(database)}.*`;
      const finding = missing(session, severity, privileges[0] ?? '', level, account, why);
      return withheld && service !== null ? { ...finding, reason: withoutRight(why, service) } : finding;
    }),
  ];
}

/** A right on a database, or on the server (null); any of `privileges` gives it, and the first is proposed. */
export interface DatabaseNeed {
  readonly privileges: readonly string[];
  readonly database: string | null;
  readonly why: string;
}

/** The rights among these that the connection's user lacks, each with the statement that grants it. */
export async function lackingRights(session: Session, needed: readonly DatabaseNeed[]): Promise<Finding[]> {
  const grants = (await session.query('SHOW GRANTS')).flatMap(([line]) => readGrant(line ?? '') ?? []);
  const [row] = await session.query('SELECT CURRENT_USER()');
  return needed
    .filter(({ privileges, database }) => privileges.every((privilege) => !holds(grants, privilege, database, null)))
    .map(({ privileges, database, why }) => {
      const level = database === null ? '*.*' : `${quoteName(database)}.*`;
      return missing(session, 'blocking', privileges[0] ?? '', level, row?.[0] ?? '', why);
    });
}

function withoutRight(why: string, service: ManagedService): string {
  return `${why}, and ${service} gives this right to no user`;
}

/** Tables on which the user may not read, among those it may see; those it may not see at all cannot be named. */
async function selectFindings(
  session: Session,
  grants: readonly Grant[],
  database: string,
  account: string,
): Promise<Finding[]> {
  if (holds(grants, 'SELECT', database, null)) return [];
  const tables = await session.query(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')",
  );
  const unreadable = tables.map(([name]) => name ?? '').filter((name) => !holds(grants, 'SELECT', database, name));
  const level = `${quoteName(database)}.*`;
  return unreadable.length > 0 || tables.length === 0
    ? [
        missing(
          session,
          'blocking',
          'SELECT',
          level,
          account,
          `tables cannot be read: ${unreadable.slice(0, 10).join(', ') || 'none can be seen'}`,
        ),
      ]
    : [
        missing(
          session,
          'warning',
          'SELECT',
          level,
          account,
          'tables without a grant of their own cannot be seen, and are not migrated',
        ),
      ];
}

function missing(
  session: Session,
  severity: Need['severity'],
  privilege: string,
  level: string,
  account: string,
  why: string,
): Finding {
  const [user = '', host = ''] = account.split(/@(?=[^@]*$)/);
  return {
    code: 'GRANT_MISSING',
    severity,
    object: session.name,
    source: `the user has no ${privilege} on ${level}`,
    target: '',
    reason: `${why}: GRANT ${privilege} ON ${level} TO ${quoteName(user)}@${quoteName(host)}`,
  };
}

/** Reads a line of SHOW GRANTS; null for the grant of a role, whose rights have lines of their own, and for a proxy's. */
export function readGrant(line: string): Grant | null {
  const match = /^GRANT (.+?) ON (?:(?:TABLE )?)(\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) TO /.exec(line);
  if (match === null) return null;
  const privileges = (match[1] ?? '')
    .replaceAll(/ ?\([^)]*\)/g, ' (COLUMNS)')
    .split(',')
    .map((privilege) => privilege.trim().toUpperCase());
  return { privileges: new Set(privileges), database: unquote(match[2] ?? ''), table: unquote(match[3] ?? '') };
}

function holds(grants: readonly Grant[], privilege: string, database: string | null, table: string | null): boolean {
  return grants.some(
    (grant) =>
      (grant.privileges.has(privilege) || grant.privileges.has('ALL PRIVILEGES')) &&
      (grant.database === '*' || (database !== null && matchesDatabase(grant.database, database))) &&
      (grant.table === '*' || grant.table === table),
  );
}

/** A database in a grant is a pattern: `_` and `%` are wildcards unless a backslash stands before them. */
export function matchesDatabase(pattern: string, database: string): boolean {
  const source = pattern.replaceAll(
    /\\([_%])|([_%])|([^\w])/g,
    (_, literal?: string, wildcard?: string, other?: string) => {
      if (literal !== undefined) return literal;
      if (wildcard !== undefined) return wildcard === '_' ? '.' : '.*';
      return `\\${other ?? ''}`;
    },
  );
  return new RegExp(`^${source}$`, 's').test(database);
}

function unquote(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
}
