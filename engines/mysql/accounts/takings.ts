import { givingBack, type AccountsFound, type Taking } from '../../../domain/freeze';
import { errorNumber } from '../errors';
import type { Session } from '../session';
import { findWriters, readGrantees, type Writer } from './accounts';

/**
 * What must be taken so that nobody can write to the database. Who can write everywhere on the server is locked out:
 * what it may do elsewhere cannot be told from what it may do here. From all others only the rights to write that they
 * have in this database are taken: they can still log in and read, and what they do in other databases goes on.
 */
export async function planTakings(session: Session): Promise<AccountsFound> {
  const writers = await findWriters(session, await readGrantees(session));
  const users = writers.flatMap(({ grantee: { user } }) => user ?? []);
  return { takings: writers.flatMap(takingsOf), users: [...new Set(users)] };
}

export function takingsOf({ grantee, inDatabase, everywhere }: Writer): Taking[] {
  const account = grantee.name;
  const locks = everywhere && !grantee.locked && grantee.user !== null;
  return [
    ...inDatabase.map(({ line, writes }): Taking => ({
      how: 'revoke',
      account,
      privileges: writes.join(', '),
      on: line.on,
    })),
    ...(locks ? [{ how: 'lock' as const, account }] : []),
  ];
}

/** Those who can write now, and how. */
export async function writersLeft(session: Session): Promise<string[]> {
  const writers = await findWriters(session, await readGrantees(session));
  return writers.flatMap((writer) =>
    takingsOf(writer).map((taking) =>
      taking.how === 'lock'
        ? `${taking.account} can log in and write everywhere`
        : `${taking.account} has ${taking.privileges} on ${taking.on}`,
    ),
  );
}

/** The first of those who can write. */
export function listed(writers: readonly string[]): string {
  const more = writers.length > 10 ? ` and ${writers.length - 10} more` : '';
  return `${writers.slice(0, 10).join('; ')}${more}`;
}

/** No such grant, for an account, a table or a routine: taken already, or gone with what it was for. */
const NOTHING_TO_TAKE = [1141, 1147, 1403, 1269, 1133, 1146, 1305];
/** No such account, table, routine or column any more: what was granted on it has gone with it. */
const NOBODY_TO_GIVE = [1410, 1133, 1146, 1305, 1054];

/** Takes one thing; nothing happens where it has been taken already. */
export async function take(session: Session, taking: Taking): Promise<void> {
  await unless(NOTHING_TO_TAKE, () =>
    session.query(
      taking.how === 'lock'
        ? `ALTER USER IF EXISTS ${taking.account} ACCOUNT LOCK`
        : `REVOKE ${taking.privileges} ON ${taking.on} FROM ${taking.account}`,
    ),
  );
}

/** Gives back what was taken; nothing happens where it has not been taken, or has been given back. */
export async function giveBack(session: Session, taking: Taking): Promise<void> {
  await unless(NOBODY_TO_GIVE, () => session.query(givingBack(taking)));
}

async function unless(numbers: readonly number[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!numbers.includes(errorNumber(error) ?? 0)) throw error;
  }
}
