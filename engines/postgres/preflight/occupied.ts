import type { Finding } from '../../../domain/finding';
import type { PostgresSession } from '../connection';

/** Relations of the schema, without those that belong to another one or to an extension. */
const OCCUPANTS = `select relname, count(*) over () from pg_class c
  where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('e', 'i', 'a'))
  order by relname limit 5`;

/** Whether the schema is somebody's already. What stands in the way by name is found when the plan knows the names. */
export async function occupiedFindings(session: PostgresSession, schema: string): Promise<Finding[]> {
  const rows = await session.query(OCCUPANTS, [schema]);
  const [, count = '0'] = (rows[0] ?? []).map((cell) => cell ?? '');
  if (rows.length === 0) return [];
  const names = rows.map(([name]) => name ?? '').join(', ');
  return [
    {
      code: 'TARGET_NOT_EMPTY',
      severity: 'info',
      object: session.name,
      source: `targetSchema ${schema}`,
      target: `${count} tables, views or sequences: ${names}${Number(count) > rows.length ? ' …' : ''}`,
      reason:
        'they stay as they are, and are backed up unless the input says otherwise; a name that the plan needs is a finding of its own',
    },
  ];
}
