import type { Finding } from '../../../domain/finding';
import { settingFinding } from '../../../domain/preflight/settingFinding';
import type { Session } from '../session';

export type ManagedService = 'Amazon Aurora' | 'Amazon RDS' | 'Google Cloud SQL' | 'Azure Database';

/** What a server says of itself; empty where it says nothing. */
export interface ServerWords {
  readonly version: string;
  readonly comment: string;
  readonly basedir: string;
  readonly auroraVersion: string;
}

/** The service that runs the server, as far as its own words tell; null for one that somebody runs himself. */
export function readService({ version, comment, basedir, auroraVersion }: ServerWords): ManagedService | null {
  if (auroraVersion !== '') return 'Amazon Aurora';
  if (basedir.startsWith('/rdsdbbin/')) return 'Amazon RDS';
  if (/-google\b/i.test(version) || /\(google\)/i.test(comment)) return 'Google Cloud SQL';
  if (/-azure\b/i.test(version) || /azure/i.test(comment)) return 'Azure Database';
  return null;
}

export async function managedService(session: Session): Promise<ManagedService | null> {
  const rows = await session.show(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'basedir', 'aurora_version')",
  );
  const words = new Map(rows.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? '']));
  return readService({
    version: words.get('version') ?? '',
    comment: words.get('version_comment') ?? '',
    basedir: words.get('basedir') ?? '',
    auroraVersion: words.get('aurora_version') ?? '',
  });
}

/** Services that throw finished files of the log away by themselves, whatever the server's settings say. */
const PURGES: ReadonlySet<ManagedService> = new Set(['Amazon Aurora', 'Amazon RDS']);

export function managedFindings(connection: string, service: ManagedService | null, live: boolean): Finding[] {
  if (service === null) return [];
  const reason =
    'it throws its log away as soon as it can unless it is told how long to keep it, and what is not applied by then is lost to the stream: ' +
    "CALL mysql.rds_set_configuration('binlog retention hours', 168)";
  return [
    {
      code: 'MANAGED_SERVICE',
      severity: 'info',
      object: connection,
      source: service,
      target: '',
      reason: 'no user of it can make the server read-only: give "cutover":{"freeze":"accounts"}',
    },
    ...(live && PURGES.has(service)
      ? [settingFinding(connection, 'warning', `${service}, "binlog retention hours"`, reason)]
      : []),
  ];
}
