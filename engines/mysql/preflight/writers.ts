import type { Finding } from '../../../domain/finding';
import { otherSessions } from '../processlist';
import type { Session } from '../session';

const NAMED = 10;

/** MariaDB's read_only does not stop those with READ_ONLY ADMIN, nor, before 10.11, with SUPER. */
export async function leakFindings(session: Session): Promise<Finding[]> {
  const { flavour, version } = session.server;
  if (flavour === 'mysql') return [];
  const privileges = version >= 101100 ? "'READ_ONLY ADMIN'" : "'READ_ONLY ADMIN', 'SUPER'";
  const rows = await session.query(
    `SELECT DISTINCT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN (${privileges}) ORDER BY GRANTEE`,
  );
  if (rows.length === 0) return [];
  const accounts = rows.map(([grantee]) => grantee ?? '');
  // An account is 'name'@'host' here, and a session knows its name alone.
  const names = new Set(accounts.map((account) => /^'(.*)'@/s.exec(account)?.[1] ?? ''));
  const connected = (await sessionsByUser(session)).filter(({ user }) => names.has(user));
  return [
    leak(
      session,
      `READ_ONLY ADMIN is held by ${accounts.join(', ')}${describe(connected)}`,
      'read_only does not stop these accounts: no application may use them during the cutover',
    ),
  ];
}

/** Who is connected where nothing will be frozen: each of them can write until the very end. */
export async function unfrozenFindings(session: Session): Promise<Finding[]> {
  const connected = await sessionsByUser(session);
  if (connected.length === 0) return [];
  return [
    leak(
      session,
      `cutover.freeze is "none"${describe(connected)}`,
      'nothing stops their writes: end them before you approve the cutover, or what they write is lost',
    ),
  ];
}

/** Sessions in this database or in none, other than our own, by user. Without PROCESS only those of one's own user show. */
async function sessionsByUser(session: Session): Promise<{ user: string; sessions: number }[]> {
  const [row] = await session.query('SELECT DATABASE()');
  const here = row?.[0];
  const users = (await otherSessions(session))
    .filter(({ command, user }) => !NO_WRITERS.commands.has(command) && !NO_WRITERS.users.has(user))
    .filter(({ database }) => database === here || database === null)
    .map(({ user }) => user);
  return [...new Set(users)]
    .map((user) => ({ user, sessions: users.filter((other) => other === user).length }))
    .sort((a, b) => b.sessions - a.sessions || (a.user < b.user ? -1 : 1))
    .slice(0, NAMED);
}

/** Sessions of the server itself, and those that read its log. */
const NO_WRITERS = {
  commands: new Set(['Daemon', 'Binlog Dump', 'Binlog Dump GTID']),
  users: new Set(['system user', 'event_scheduler']),
};

function describe(connected: readonly { user: string; sessions: number }[]): string {
  if (connected.length === 0) return '';
  return `; connected now: ${connected.map(({ user, sessions }) => `${user} (${sessions})`).join(', ')}`;
}

function leak(session: Session, source: string, reason: string): Finding {
  return { code: 'FREEZE_LEAKS', severity: 'warning', object: session.name, source, target: '', reason };
}
