import type { Finding } from '../../../domain/finding';
import { settingFinding } from '../../../domain/preflight/settingFinding';
import { leavesOut, readLogStatus } from '../position';
import type { Session } from '../session';

/** Whether the log has the changes of the session's database at all. Errors: PRIVILEGE_MISSING where it may not be seen. */
export async function filterFindings(session: Session): Promise<Finding[]> {
  const status = await readLogStatus(session);
  const [row] = await session.query('SELECT DATABASE()');
  if (!leavesOut(status, row?.[0] ?? '')) return [];
  const [only, ignored] = [status['Binlog_Do_DB'] ?? '', status['Binlog_Ignore_DB'] ?? ''];
  const found = [
    only === '' ? [] : `binlog_do_db = ${only}`,
    ignored === '' ? [] : `binlog_ignore_db = ${ignored}`,
  ].flat();
  const reason = 'the log has no change of this database to follow: take the option out of the server, and restart it';
  return [settingFinding(session.name, 'blocking', found.join(', '), reason)];
}
