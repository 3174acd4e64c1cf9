import type { Finding } from '../../../domain/finding';
import type { FreezeMode } from '../../../domain/freeze';
import type { TablePlan } from '../../../domain/plan';
import { impossible } from '../../../domain/wayBack';
import { lackingRights, type DatabaseNeed } from '../grants';
import type { Session } from '../session';
import { CONTROL } from './control';
import { readStoredTables } from './storedTable';

/** What keeps changes from being taken back into these tables behind a freeze of this kind. Changes nothing. */
export async function obstacles(
  session: Session,
  tables: readonly TablePlan[],
  freeze: FreezeMode,
): Promise<Finding[]> {
  const [row] = await session.query('SELECT DATABASE()');
  const rights = await lackingRights(session, needs(session, row?.[0] ?? '', freeze));
  const stored = await readStoredTables(
    session,
    tables.map((plan) => ({ plan })),
  );
  const found = stored.flatMap(({ obstacle }, place) =>
    obstacle === null ? [] : [impossible(tables[place]?.table.targetName ?? '', obstacle.why)],
  );
  return [...rights, ...(await settingFindings(session)), ...found];
}

/**
 * To write past read_only has a right of its own: SUPER is enough in MySQL, and in MariaDB before 10.11. To end an earlier
 * attempt of the same user needs none.
 */
function needs({ server }: Session, database: string, freeze: FreezeMode): DatabaseNeed[] {
  const isMysql = server.flavour === 'mysql';
  const orSuper = isMysql || server.version < 101100 ? ['SUPER'] : [];
  const inTables = ['SELECT', 'INSERT', 'DELETE'].map((privilege) => ({
    privileges: [privilege],
    database,
    why: 'what is written on the target is written back into its tables',
  }));
  const inControl = ['CREATE', 'DROP', 'SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((privilege) => ({
    privileges: [privilege],
    database: CONTROL,
    why: 'how far the way back has come is kept there',
  }));
  const pastReadOnly = {
    privileges: [isMysql ? 'CONNECTION_ADMIN' : 'READ_ONLY ADMIN', ...orSuper],
    database: null,
    why: 'the server is read-only for everybody else while the target is in use',
  };
  return [
    ...inTables,
    { privileges: ['TRIGGER'], database, why: 'triggers would fire again, and without it none is seen' },
    ...inControl,
    ...(freeze === 'accounts' ? [] : [pastReadOnly]),
  ];
}

async function settingFindings(session: Session): Promise<Finding[]> {
  const [row] = await session.query('SELECT @@global.innodb_flush_log_at_trx_commit');
  if (row?.[0] === '1') return [];
  return [
    {
      code: 'SETTING_UNSUITABLE',
      severity: 'warning',
      object: session.name,
      source: `innodb_flush_log_at_trx_commit = ${row?.[0] ?? ''}`,
      target: '',
      reason:
        'when its machine fails the server forgets changes that it has said to be stored, and the target has let go of: ' +
        'the way back then ends with POSITION_LOST; set it to 1',
    },
  ];
}
