import type { Finding } from '../../../domain/finding';
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

export function managedFindings(session: Session, service: ManagedService | null): Finding[] {
  if (service === null) return [];
  return [
    {
      code: 'MANAGED_SERVICE',
      severity: 'info',
      object: session.name,
      source: service,
      target: '',
      reason: 'no user of it can make the server read-only: give "cutover":{"freeze":"accounts"}',
    },
  ];
}
