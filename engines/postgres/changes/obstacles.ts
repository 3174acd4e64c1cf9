import type { Finding } from '../../../domain/finding';
import type { PostgresSession } from '../connection';
import { quoteName } from '../quote';

const FACTS = `select current_setting('wal_level'), current_setting('max_replication_slots')::int,
    current_setting('max_wal_senders')::int, (select count(*) from pg_catalog.pg_replication_slots),
    (select rolsuper or rolreplication from pg_catalog.pg_roles where rolname = current_user),
    has_database_privilege(current_database(), 'CREATE'), current_user, current_database()`;

/** What keeps the log of this database from being followed, as it is now. */
export async function obstacles(session: PostgresSession): Promise<Finding[]> {
  const [row = []] = await session.query(FACTS);
  const [level, slots, senders, used, mayReplicate, mayCreate, role, database] = row.map((cell) => cell ?? '');
  const isFull = Number(used) >= Number(slots);
  return [
    ...(level === 'logical'
      ? []
      : [setting(session, `wal_level = ${level ?? ''}`, 'set it to logical, and restart the server')]),
    ...(isFull
      ? [setting(session, `max_replication_slots = ${slots ?? ''}, ${used ?? ''} in use`, 'allow one more')]
      : []),
    ...(senders === '0' ? [setting(session, 'max_wal_senders = 0', 'allow one more')] : []),
    ...(mayReplicate === 't'
      ? []
      : [missing(session, 'REPLICATION', `ALTER ROLE ${quoteName(role ?? '')} REPLICATION`)]),
    ...(mayCreate === 't'
      ? []
      : [
          missing(
            session,
            'CREATE',
            `GRANT CREATE ON DATABASE ${quoteName(database ?? '')} TO ${quoteName(role ?? '')}`,
          ),
        ]),
  ];
}

function setting({ name }: PostgresSession, source: string, todo: string): Finding {
  const reason = `the log of what is written cannot be followed: ${todo}`;
  return { code: 'SETTING_UNSUITABLE', severity: 'blocking', object: name, source, target: '', reason };
}

function missing({ name }: PostgresSession, right: string, target: string): Finding {
  const reason = 'the log of what is written is followed through a publication and a replication slot';
  return {
    code: 'GRANT_MISSING',
    severity: 'blocking',
    object: name,
    source: `the role has no right ${right}`,
    target,
    reason,
  };
}
