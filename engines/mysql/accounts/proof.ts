import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../../../domain/errors';
import type { AccountsProof, FreezeState } from '../../../domain/freeze';
import { serverLife } from '../serverIdentity';
import type { Session } from '../session';
import { listed, writersLeft } from './takings';

const POLL_MS = 100;
/** Where there are thousands of tables, looking at them takes seconds: it is done for so small a part of the time. */
const TIME_BETWEEN_LOOKS = 20;

/**
 * Whether a freeze by accounts has held: nobody can write now, and nothing was written to the database since. On a
 * server that others use too the binary log tells neither, so it is told by the accounts, read again whenever the
 * server ran a statement about one, and by when each table was written last. Of several checks the first looks at
 * everything, later ones leave out what was looked at a moment ago: what decides makes a new watch.
 */
export class AccountsWatch {
  private seen: string | null = null;
  private nextLook = 0;

  /** Errors: FREEZE_LOST. */
  async check(session: Session, state: FreezeState, proof: AccountsProof): Promise<void> {
    const lost = (why: string): MigrationError =>
      new MigrationError('FREEZE_LOST', `connection "${session.name}": the source did not stay frozen: ${why}`);
    if ((await serverLife(session)) !== state.serverLife)
      throw lost('it was restarted, and cannot tell what was written before');
    const statements = await accountStatements(session);
    if (statements !== (this.seen ?? proof.statements)) {
      const writers = await writersLeft(session);
      if (writers.length > 0) throw lost(listed(writers));
      this.seen = statements;
    }
    const began = Date.now();
    if (began < this.nextLook) return;
    const [table, written] = await newestWrite(session);
    if (written !== null && Number(written) > Number(proof.lastWrite ?? 0))
      throw lost(`table ${table} was written to at ${new Date(Number(written) * 1000).toISOString()}`);
    this.nextLook = Date.now() + (Date.now() - began) * TIME_BETWEEN_LOOKS;
  }
}

/** What a watch compares with, once nobody can write any more. */
export async function accountsProof(session: Session, statements: string): Promise<AccountsProof> {
  return { statements, lastWrite: await settledLastWrite(session) };
}

/** Statements by which accounts come, go and change. The numbers only grow in one life of the server. */
const ACCOUNT_STATEMENTS = [
  ...[
    'alter_user',
    'create_user',
    'drop_user',
    'rename_user',
    'grant',
    'revoke',
    'revoke_all',
    'set_password',
    'flush',
  ],
  // MySQL's names, then MariaDB's.
  ...[
    'grant_roles',
    'revoke_roles',
    'alter_user_default_role',
    'grant_role',
    'revoke_role',
    'create_role',
    'drop_role',
  ],
];

/** Grows by each of them. Read it before the accounts are. */
export async function accountStatements(session: Session): Promise<string> {
  const names = ACCOUNT_STATEMENTS.map((name) => `'Com_${name}'`).join(', ');
  const rows = await session.show(`SHOW GLOBAL STATUS WHERE Variable_name IN (${names})`);
  return String(rows.reduce((sum, row) => sum + Number(row['Value']), 0));
}

/** The table that was written to last, and the second of it; nulls where no table has been written to in memory's reach. */
async function newestWrite(session: Session): Promise<[table: string, written: string | null, now: string]> {
  const [row] = await session.query(
    `SELECT TABLE_NAME, UNIX_TIMESTAMP(UPDATE_TIME) AS written, UNIX_TIMESTAMP() FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() ORDER BY written DESC LIMIT 1`,
  );
  return [row?.[0] ?? '', row?.[1] ?? null, row?.[2] ?? '0'];
}

/** Writes are told by the second: one in the same second as the last would not show before the second is over. */
async function settledLastWrite(session: Session): Promise<string | null> {
  for (;;) {
    const [, written, now] = await newestWrite(session);
    if (written === null || Number(now) > Number(written)) return written;
    await delay(POLL_MS);
  }
}
