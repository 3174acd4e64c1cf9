import { isIPv4 } from 'node:net';
import type { DatabaseSettings } from '../../domain/connection';
import type { Finding } from '../../domain/finding';
import type { FreezeMode } from '../../domain/freeze';
import { makeChecks } from '../../domain/preflight/checks';
import { accountFindings } from './accounts/preflight';
import { errorNumber } from './errors';
import { OLDEST } from './flavour';
import { grantFindings } from './grants';
import { managedFindings, managedService } from './preflight/managed';
import { filterFindings } from './preflight/filters';
import { settingFindings } from './preflight/settings';
import { longTransactionFindings, preparedFindings } from './preflight/transactions';
import { leakFindings, unfrozenFindings } from './preflight/writers';
import { quoteName } from './quote';
import { replicationFindings } from './replication';
import type { Session } from './session';

/**
 * Everything about the server and the login that could fail or surprise later, with this freeze, all at once; `live` when
 * the log is to be followed. Changes nothing.
 */
export function preflight(
  session: Session,
  settings: DatabaseSettings,
  freeze: FreezeMode | 'none',
  live: boolean,
): Promise<Finding[]> {
  return makeChecks(session.name, [
    { what: 'the version', find: () => Promise.resolve(versionFindings(session)) },
    {
      what: 'the service that runs it',
      find: async () => managedFindings(session.name, await managedService(session), live),
    },
    {
      what: "the user's rights",
      find: async () => grantFindings(session, freeze, live, await managedService(session)),
    },
    { what: 'the encryption of the connection', find: () => encryptionFindings(session, settings) },
    { what: 'the settings', find: () => settingFindings(session, live) },
    ...(live ? [{ what: 'what the log leaves out', find: () => ifAllowed(() => filterFindings(session)) }] : []),
    { what: 'who can write', find: () => writerFindings(session, freeze) },
    { what: 'tables that keep old rows', find: () => versionedTableFindings(session) },
    { what: 'replication', find: () => ifAllowed(() => replicationFindings(session)) },
    { what: 'prepared transactions', find: () => ifAllowed(() => preparedFindings(session, live)) },
    { what: 'open transactions', find: () => ifAllowed(() => longTransactionFindings(session)) },
  ]);
}

function writerFindings(session: Session, freeze: FreezeMode | 'none'): Promise<Finding[]> {
  switch (freeze) {
    case 'readOnly':
      return leakFindings(session);
    case 'accounts':
      return accountFindings(session);
    case 'none':
      return unfrozenFindings(session);
  }
}

/** A right that is missing is a finding of its own already, which says what cannot be seen without it. */
async function ifAllowed(find: () => Promise<Finding[]>): Promise<Finding[]> {
  const DENIED = [1227, 1142, 1401];
  try {
    return await find();
  } catch (error) {
    if (DENIED.includes(errorNumber(error) ?? 0)) return [];
    throw error;
  }
}

function versionFindings(session: Session): Finding[] {
  const oldest = OLDEST[session.server.flavour];
  if (session.server.version >= oldest.version) return [];
  return [
    {
      code: 'VERSION_UNSUPPORTED',
      severity: 'blocking',
      object: session.name,
      source: session.server.name,
      target: '',
      reason: `the oldest version supported is ${oldest.name}: upgrade it, or migrate from a copy on a newer server`,
    },
  ];
}

async function encryptionFindings(session: Session, { host }: DatabaseSettings): Promise<Finding[]> {
  const [cipher] = await session.show("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  const loopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  if (loopback || cipher?.['Value']) return [];
  return [
    {
      code: 'PLAIN_TEXT_CONNECTION',
      severity: 'warning',
      object: session.name,
      source: 'the connection is not encrypted',
      target: '',
      reason: 'rows cross the network readable by others: turn TLS on at the server, and set ssl=require or stricter',
    },
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
