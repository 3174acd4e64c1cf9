import type { Finding } from '../../../domain/finding';
import type { PostgresSession } from '../connection';

/** A cloud service, and the role whose members may grant what a superuser grants elsewhere. */
export interface ManagedService {
  readonly name: string;
  readonly administrators: string;
}

/** By the role that each service makes in every cluster of its own; the first that is there. */
const SERVICES: readonly ManagedService[] = [
  { name: 'Amazon RDS or Aurora', administrators: 'rds_superuser' },
  { name: 'Google AlloyDB', administrators: 'alloydbsuperuser' },
  { name: 'Google Cloud SQL', administrators: 'cloudsqlsuperuser' },
  { name: 'Azure Database', administrators: 'azure_pg_admin' },
];

export function serviceOfRoles(roles: readonly string[]): ManagedService | null {
  return SERVICES.find(({ administrators }) => roles.includes(administrators)) ?? null;
}

export async function managedService(session: PostgresSession): Promise<ManagedService | null> {
  const roles = SERVICES.map(({ administrators }) => administrators);
  const rows = await session.query('select rolname from pg_roles where rolname = any($1)', [roles]);
  return serviceOfRoles(rows.map(([name]) => name ?? ''));
}

export function managedFindings(session: PostgresSession, service: ManagedService | null): Finding[] {
  if (service === null) return [];
  return [
    {
      code: 'MANAGED_SERVICE',
      severity: 'info',
      object: session.name,
      source: service.name,
      target: '',
      reason: `no superuser is to be had, and none is needed: run the GRANT statements as a member of ${service.administrators}`,
    },
  ];
}
