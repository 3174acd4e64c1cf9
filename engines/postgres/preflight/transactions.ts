import type { Finding } from '../../../domain/finding';
import { LONG_TRANSACTION_SECONDS, transactionFindings } from '../../../domain/preflight/transactions';
import type { PostgresSession } from '../connection';
import { quoteName } from '../quote';

const OPEN = `select pid, coalesce(usename, 'unknown'), state like 'idle%', extract(epoch from now() - xact_start)::int,
    to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
  from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and xact_start < now() - make_interval(secs => $1::int)`;

/** Of sessions of others, a role without pg_read_all_stats sees neither state nor transaction. */
const HIDDEN = `select count(*), current_user from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type is null`;

export async function longTransactionFindings(
  session: PostgresSession,
  longerThan = LONG_TRANSACTION_SECONDS,
): Promise<Finding[]> {
  const open = (await session.query(OPEN, [longerThan])).map(([pid, user, idle, seconds, since]) => ({
    session: `process ${pid ?? ''}`,
    user: user ?? 'unknown',
    since: since ?? 'an unknown time',
    seconds: Number(seconds),
    idle: idle === 't',
  }));
  const consequence =
    'they hold back what is built on the target, and a lock of theirs stops it: end them before the cutover';
  return [...transactionFindings(session.name, open, consequence), ...(await hiddenFindings(session))];
}

async function hiddenFindings(session: PostgresSession): Promise<Finding[]> {
  const [row] = await session.query(HIDDEN);
  const [count = '0', user = ''] = (row ?? []).map((cell) => cell ?? '');
  if (count === '0') return [];
  return [
    {
      code: 'GRANT_MISSING',
      severity: 'info',
      object: session.name,
      source: `user ${user}`,
      target: `GRANT pg_read_all_stats TO ${quoteName(user)}`,
      reason: `${count} sessions of other users are in the database, and whether they have long transactions cannot be seen`,
    },
  ];
}
