import type { Finding } from '../../../domain/finding';
import { matchesDatabase } from '../grants';
import type { Session } from '../session';
import { findWriters, readGrantees } from './accounts';

/** What writes to the database whatever is taken from whom. Errors: PRIVILEGE_MISSING without SELECT on `mysql`.*. */
export async function findLeaks(session: Session): Promise<Finding[]> {
  return [...(await eventLeaks(session)), ...(await everybodyLeaks(session))];
}

/** An event runs as its definer, also when that account is locked: it stops only where the definer's rights are taken. */
async function eventLeaks(session: Session): Promise<Finding[]> {
  const events = await session.query(
    `SELECT EVENT_NAME, DEFINER FROM information_schema.EVENTS
     WHERE EVENT_SCHEMA = DATABASE() AND STATUS = 'ENABLED' AND @@global.event_scheduler = 'ON'`,
  );
  if (events.length === 0) return [];
  const grantees = await readGrantees(session);
  const writers = await findWriters(session, grantees);
  const stopped = (definer: string): boolean => {
    const grantee = grantees.find(({ name }) => name.replaceAll('`', '') === definer);
    const writer = writers.find((candidate) => candidate.grantee === grantee);
    return grantee === undefined || (writer !== undefined && !writer.everywhere);
  };
  return events
    .filter(([, definer]) => !stopped(definer ?? ''))
    .map(([name, definer]) =>
      leak(
        session,
        `event ${name ?? ''} of ${definer ?? ''} is enabled`,
        'it runs as an account that can write everywhere, also while that is locked: ALTER EVENT … DISABLE it, or SET GLOBAL event_scheduler = OFF, for the time of the cutover',
      ),
    );
}

/** A grant to the user without a name holds for everybody, and is no account's to take. */
async function everybodyLeaks(session: Session): Promise<Finding[]> {
  const [here] = await session.query('SELECT DATABASE()');
  const rows = await session.query(
    "SELECT Db, Host FROM mysql.db WHERE User = '' AND 'Y' IN (Insert_priv, Update_priv, Delete_priv, Create_priv, Drop_priv, Alter_priv, Execute_priv)",
  );
  return rows
    .filter(([database]) => matchesDatabase(database ?? '', here?.[0] ?? ''))
    .map(([database, host]) =>
      leak(
        session,
        `everybody from ${host ?? ''} may write to databases named ${database ?? ''}`,
        `delete that row of mysql.db (its User is empty), and FLUSH PRIVILEGES`,
      ),
    );
}

function leak(session: Session, source: string, reason: string): Finding {
  return { code: 'FREEZE_LEAKS', severity: 'blocking', object: session.name, source, target: '', reason };
}
