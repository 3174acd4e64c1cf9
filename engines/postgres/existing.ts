import type { Finding } from '../../domain/finding';
import type { TablePlan } from '../../domain/plan';
import type { PostgresSession } from './connection';

/** What a schema's names stand for (manual, pg_class.relkind). */
const KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  i: 'index',
  I: 'partitioned index',
  S: 'sequence',
  c: 'composite type',
  type: 'type',
};

/** The relations and types of a schema that have one of the names; array types make way by themselves. */
const NAMED = `
  select relname, relkind::text from pg_class c join pg_namespace n on n.oid = relnamespace
  where nspname = $1 and relname = any($2)
  union all
  select typname, 'type' from pg_type t join pg_namespace n on n.oid = typnamespace
  where nspname = $1 and typname = any($2) and typrelid = 0
    and not exists (select from pg_type element where element.typarray = t.oid)`;

/** A blocking finding for each object of the target that has a name the plan needs. */
export async function findExisting(session: PostgresSession, plans: readonly TablePlan[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const schema of new Set(plans.map(({ table }) => table.targetSchema))) {
    const wanted = new Map(plans.filter(({ table }) => table.targetSchema === schema).flatMap(namesOf));
    const rows = await session.query(NAMED, [schema, [...wanted.keys()]]);
    for (const [name, kind] of rows) {
      findings.push({
        code: 'TARGET_TABLE_EXISTS',
        severity: 'blocking',
        object: wanted.get(name ?? '') ?? '',
        source: '',
        target: `${schema}.${name ?? ''}, a ${KINDS[kind ?? ''] ?? 'relation'}`,
        reason: 'the migration makes all it fills: drop or rename it, or choose another targetSchema',
      });
    }
  }
  return findings;
}

/** The names a table needs in its schema, each with the source's object that needs it. */
function namesOf({ table }: TablePlan): [name: string, object: string][] {
  const { source, targetName, primaryKey, indexes, columns } = table;
  return [
    [targetName, source.name],
    ...(primaryKey ? [[primaryKey.name, source.name] as [string, string]] : []),
    ...indexes.map((index): [string, string] => [index.targetName, `${source.name}.${index.source.name}`]),
    ...columns.flatMap((column): [string, string][] =>
      column.typeName === undefined ? [] : [[column.typeName, `${source.name}.${column.source.name}`]],
    ),
  ];
}
