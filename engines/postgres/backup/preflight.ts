import type { Finding } from '../../../domain/finding';
import type { BackupPrograms } from '../../engine';
import type { PostgresSession } from '../connection';
import { quoteName, quoteQualified } from '../quote';
import { SCHEMAS, countObjects, notOfAnExtension } from './contents';
import { findPrograms } from './programs';

const OWN_BACKUP = 'or, with a backup of your own, set backup.mode to "none"';

const USER = `select current_user, rolsuper, rolsuper or rolcreatedb, rolsuper or rolbypassrls
  from pg_roles where rolname = current_user`;

/** Relations that a dump reads and this user may not. */
const HIDDEN = `select nspname, relname from pg_class c join pg_namespace n on n.oid = relnamespace
  where relnamespace in (${SCHEMAS}) and relkind in ('r', 'p', 'm', 'S') and ${notOfAnExtension('pg_class', 'c.oid')}
    and not (has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')) order by 1, 2 limit 5`;

/** Tables whose rows a policy may hide from this user. */
const POLICED = `select nspname, relname from pg_class c join pg_namespace n on n.oid = relnamespace
  where relnamespace in (${SCHEMAS}) and relrowsecurity
    and (relforcerowsecurity or not pg_has_role(relowner, 'USAGE')) order by 1, 2 limit 5`;

/** What keeps a target that holds anything from being backed up, or that it will not be. Changes nothing. */
export async function backupFindings(
  session: PostgresSession,
  serverVersion: number,
  mode: 'whenNotEmpty' | 'none',
  programs: BackupPrograms,
): Promise<Finding[]> {
  const objects = await countObjects(session);
  if (objects === 0) return [];
  const holds = `the database holds ${objects} objects of somebody else`;
  const finding = (
    found: Pick<Finding, 'code' | 'severity' | 'target' | 'reason'> & Partial<Pick<Finding, 'source'>>,
  ): Finding => ({ source: '', ...found, object: session.name });
  if (mode === 'none') {
    const reason = 'backup.mode is "none": see that a backup of your own is there, and that it can be restored';
    return [finding({ code: 'TARGET_NOT_BACKED_UP', severity: 'warning', source: holds, target: '', reason })];
  }
  return [
    ...(await programFindings(serverVersion, programs)).map(finding),
    ...(await rightFindings(session)).map(finding),
  ];
}

async function programFindings(
  serverVersion: number,
  given: BackupPrograms,
): Promise<Pick<Finding, 'code' | 'severity' | 'source' | 'target' | 'reason'>[]> {
  const { programs, seen } = await findPrograms(given, serverVersion);
  if (programs !== null) return [];
  const there = seen.length === 0 ? 'no pg_dump' : seen.join('; ');
  return [
    {
      code: 'BACKUP_IMPOSSIBLE',
      severity: 'blocking',
      source: there,
      target: `apt-get install postgresql-client-${serverVersion}`,
      reason:
        `the target is not empty, and backing it up needs pg_dump and pg_restore of version ${serverVersion} or later, where this worker has ${there}: ` +
        `install them on every worker, or name them in MIGRATION_PG_DUMP and MIGRATION_PG_RESTORE; ${OWN_BACKUP}`,
    },
  ];
}

async function rightFindings(
  session: PostgresSession,
): Promise<Pick<Finding, 'code' | 'severity' | 'source' | 'target' | 'reason'>[]> {
  const [row] = await session.query(USER);
  const [user = '', , mayCreate, mayBypass] = (row ?? []).map((cell) => cell ?? '');
  const hidden = await session.query(HIDDEN);
  const policed = mayBypass === 't' ? [] : await session.query(POLICED);
  const missing = (target: string, reason: string) => ({
    code: 'GRANT_MISSING' as const,
    severity: 'blocking' as const,
    source: `user ${user}`,
    target,
    reason: `${reason}: run it as a superuser, ${OWN_BACKUP}`,
  });
  const named = (rows: typeof hidden): string =>
    rows.map(([schema, name]) => quoteQualified(schema ?? '', name ?? '')).join(', ');
  const role = quoteName(user);
  return [
    ...(mayCreate === 't'
      ? []
      : [missing(`ALTER ROLE ${role} CREATEDB`, 'the backup is tested by restoring it into a scratch database')]),
    ...(hidden.length === 0
      ? []
      : [
          missing(
            `GRANT pg_read_all_data TO ${role}`,
            `the backup must read what it backs up, such as ${named(hidden)}`,
          ),
        ]),
    ...(policed.length === 0
      ? []
      : [missing(`ALTER ROLE ${role} BYPASSRLS`, `policies may hide rows of ${named(policed)} from the backup`)]),
  ];
}
