/** What one line of SHOW GRANTS says, as far as writing goes. */
export type GrantLine = GrantedPrivileges | PartialRevoke | GrantedRoles;

export interface GrantedPrivileges {
  readonly kind: 'privileges';
  /** As the server spells them: `INSERT`, or ``UPDATE (`n`)``. */
  readonly privileges: readonly string[];
  /** What they are on, as the server spells it: ``*.*``, ``\`shop\`.*``, ``PROCEDURE \`shop\`.\`p\` ``. */
  readonly on: string;
  /** Null is every database. A pattern where the grant is on a whole database. */
  readonly database: string | null;
  readonly level: 'server' | 'database' | 'table' | 'routine';
  readonly grantOption: boolean;
}

/** What of a grant on everything does not hold in one database (MySQL's partial_revokes). */
interface PartialRevoke {
  readonly kind: 'partialRevoke';
  readonly privileges: readonly string[];
  readonly database: string;
}

/** Roles, or accounts that may be logged in as, as the server spells them. */
interface GrantedRoles {
  readonly kind: 'roles';
  readonly roles: readonly string[];
}

const NAME = '`(?:[^`]|``)*`';
const PRIVILEGE = `[A-Z][A-Z0-9_ ]*(?:\\(${NAME}(?:, ?${NAME})*\\))?`;
const OBJECT = `\\*\\.\\*|(TABLE |PROCEDURE |FUNCTION |PACKAGE BODY |PACKAGE )?(${NAME})\\.(${NAME}|\\*)`;
const PRIVILEGES_LINE = new RegExp(`^(GRANT|REVOKE) (${PRIVILEGE}(?:, ?${PRIVILEGE})*) ON (${OBJECT}) (?:TO|FROM) `);
const ROLE = `${NAME}(?:@${NAME})?`;
const ROLES_LINE = new RegExp(`^GRANT (${ROLE}(?:, ?${ROLE})*) TO `);
const PROXY_LINE = /^GRANT PROXY ON ['`]([^'`]*)['`]@['`]([^'`]*)['`] TO /;

/** Reads a line of SHOW GRANTS; null for one that says nothing about rights. */
export function readGrantLine(line: string): GrantLine | null {
  const roles = ROLES_LINE.exec(line);
  if (roles !== null)
    return { kind: 'roles', roles: [...(roles[1] ?? '').matchAll(new RegExp(ROLE, 'g'))].map(([role]) => role) };
  const proxy = PROXY_LINE.exec(line);
  if (proxy !== null) return { kind: 'roles', roles: [`\`${proxy[1] ?? ''}\`@\`${proxy[2] ?? ''}\``] };
  const match = PRIVILEGES_LINE.exec(line);
  if (match === null) return null;
  const [, verb, listed = '', on = '', type = '', quoted, object] = match;
  const privileges = [...listed.matchAll(new RegExp(PRIVILEGE, 'g'))].map(([privilege]) => privilege.trim());
  const database = quoted?.slice(1, -1).replaceAll('``', '`') ?? null;
  if (verb === 'REVOKE') return { kind: 'partialRevoke', privileges, database: database ?? '' };
  return {
    kind: 'privileges',
    privileges,
    on,
    database,
    level:
      database === null
        ? 'server'
        : object === '*'
          ? 'database'
          : type === '' || type === 'TABLE '
            ? 'table'
            : 'routine',
    grantOption: line.includes(' WITH GRANT OPTION'),
  };
}

/** Without the columns that it is for. */
export function privilegeName(privilege: string): string {
  return privilege.replace(/ ?\(.*$/, '');
}

/** What leaves rows and definitions as they are. Everything else may change them, and be it through what it calls. */
const READS = new Set([
  'USAGE',
  'SELECT',
  'SHOW VIEW',
  'REFERENCES',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'SHOW CREATE ROUTINE',
]);

/** What ALL PRIVILEGES means at each level, without what only reads. */
const ON_TABLE = ['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'INDEX', 'ALTER', 'CREATE VIEW', 'TRIGGER'];
const ON_ROUTINE = ['EXECUTE', 'ALTER ROUTINE'];
const ON_DATABASE = [...ON_TABLE, ...ON_ROUTINE, 'CREATE ROUTINE', 'EVENT'];
/** Besides, these let a session play a binary log in. */
const ON_SERVER = new Set([
  ...ON_DATABASE,
  'DELETE HISTORY',
  'SUPER',
  'BINLOG_ADMIN',
  'BINLOG REPLAY',
  'REPLICATION_APPLIER',
]);

/** Those of a line's privileges that can change the database's rows or definitions, columns included. */
export function writesOf({ privileges, level }: GrantedPrivileges, flavour: 'mysql' | 'mariadb'): string[] {
  const history = flavour === 'mariadb' ? ['DELETE HISTORY'] : [];
  const all = {
    server: [...ON_SERVER],
    database: [...ON_DATABASE, ...history],
    table: [...ON_TABLE, ...history],
    routine: ON_ROUTINE,
  };
  const spelled = privileges.flatMap((privilege) =>
    privilege === 'ALL PRIVILEGES' || privilege === 'ALL' ? all[level] : [privilege],
  );
  return spelled.filter((privilege) =>
    level === 'server' ? ON_SERVER.has(privilegeName(privilege)) : !READS.has(privilegeName(privilege)),
  );
}
