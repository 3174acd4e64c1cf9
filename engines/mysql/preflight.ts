import { isIPv4 } from 'node:net';
import type { DatabaseSettings } from '../../domain/connection';
import type { Finding, FindingCode, Severity } from '../../domain/finding';
import type { FreezeMode } from '../../domain/freeze';
import { accountFindings } from './accounts/preflight';
import { errorNumber } from './errors';
import { OLDEST } from './flavour';
import { grantFindings } from './grants';
import { preparedTransactions, SECONDS_OPEN } from './holders';
import { quoteName } from './quote';
import { replicationFindings } from './replication';
import type { Session } from './session';

/** A transaction open for longer than this may still be open when the freeze waits for it. */
const LONG_TRANSACTION_SECONDS = 60;

/** Everything about the server and the login that could fail or surprise later. Changes nothing. */
export async function preflight(session: Session, settings: DatabaseSettings, mode: FreezeMode): Promise<Finding[]> {
  const old = versionFindings(session);
  if (old.length > 0) return old;
  const grants = await grantFindings(session, mode);
  return [
    ...grants,
    ...(await encryptionFindings(session, settings)),
    ...(mode === 'accounts'
      ? await accountFindings(session)
      : [...(await logFindings(session)), ...(await leakFindings(session))]),
    ...(await versionedTableFindings(session)),
    ...(await ifAllowed(() => replicationFindings(session))),
    ...(await ifAllowed(() => preparedFindings(session))),
    ...(await ifAllowed(() => longTransactionFindings(session))),
  ];
}

/** A right that is missing is a finding of its own already. */
async function ifAllowed(find: () => Promise<Finding[]>): Promise<Finding[]> {
  const DENIED = [1227, 1142, 1401];
  try {
    return await find();
  } catch (error) {
    if (DENIED.includes(errorNumber(error) ?? 0)) return [];
    throw error;
  }
}

function finding(session: Session, code: FindingCode, severity: Severity, source: string, reason: string): Finding {
  return { code, severity, object: session.name, source, target: '', reason };
}

function versionFindings(session: Session): Finding[] {
  const oldest = OLDEST[session.server.flavour];
  if (session.server.version >= oldest.version) return [];
  return [
    finding(
      session,
      'VERSION_UNSUPPORTED',
      'blocking',
      session.server.name,
      `the oldest version supported is ${oldest.name}`,
    ),
  ];
}

async function encryptionFindings(session: Session, { host }: DatabaseSettings): Promise<Finding[]> {
  const [cipher] = await session.show("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  const loopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  if (loopback || cipher?.['Value']) return [];
  return [
    finding(
      session,
      'PLAIN_TEXT_CONNECTION',
      'warning',
      'the connection is not encrypted',
      'rows cross the network readable by others: turn TLS on at the server, and set ssl=require or stricter',
    ),
  ];
}

async function logFindings(session: Session): Promise<Finding[]> {
  const [row] = await session.query('SELECT @@global.log_bin');
  if (row?.[0] === '1') return [];
  return [
    finding(
      session,
      'SETTING_UNSUITABLE',
      'info',
      'log_bin = OFF',
      'without a binary log only a restart of the source can be noticed under the freeze, not a write',
    ),
  ];
}

/** MariaDB's read_only does not stop those with READ_ONLY ADMIN, nor, before 10.11, with SUPER. */
async function leakFindings(session: Session): Promise<Finding[]> {
  const { flavour, version } = session.server;
  if (flavour === 'mysql') return [];
  const privileges = version >= 101100 ? "'READ_ONLY ADMIN'" : "'READ_ONLY ADMIN', 'SUPER'";
  const rows = await session.query(
    `SELECT DISTINCT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN (${privileges}) ORDER BY GRANTEE`,
  );
  if (rows.length === 0) return [];
  const accounts = rows.map(([grantee]) => grantee ?? '').join(', ');
  return [
    finding(
      session,
      'FREEZE_LEAKS',
      'warning',
      `READ_ONLY ADMIN is held by ${accounts}`,
      'read_only does not stop these accounts: no application may use them during the cutover',
    ),
  ];
}

/** Only the current rows of a table with system versioning are read. */
async function versionedTableFindings(session: Session): Promise<Finding[]> {
  const rows = await session.query(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SYSTEM VERSIONED'",
  );
  return rows.map(([name]) => ({
    code: 'OBJECT_NOT_MIGRATED',
    severity: 'warning',
    object: name ?? '',
    source: `${quoteName(name ?? '')} WITH SYSTEM VERSIONING`,
    target: 'a plain table with the current rows',
    reason: 'the history of the rows is not moved',
  }));
}

async function preparedFindings(session: Session): Promise<Finding[]> {
  return (await preparedTransactions(session)).map(({ description }) =>
    finding(
      session,
      'PREPARED_TRANSACTION',
      'warning',
      description,
      'the freeze waits for it: commit it or roll it back before the cutover',
    ),
  );
}

async function longTransactionFindings(session: Session): Promise<Finding[]> {
  const rows = await session.query(
    `SELECT t.trx_mysql_thread_id, ${SECONDS_OPEN} AS seconds FROM information_schema.INNODB_TRX AS t
     WHERE t.trx_mysql_thread_id NOT IN (0, CONNECTION_ID()) HAVING seconds > ${LONG_TRANSACTION_SECONDS}`,
  );
  return rows.map(([thread, seconds]) =>
    finding(
      session,
      'LONG_TRANSACTION',
      'warning',
      `connection ${thread ?? ''} has had a transaction open for ${seconds ?? ''} s`,
      'the freeze waits for it when it has changed rows',
    ),
  );
}
