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

/** Relations and types of a schema, by name. Each table has a type of its name; array types make way by themselves. */
const NAMED = `
  select relname, relkind::text from pg_class c join pg_namespace n on n.oid = relnamespace
  where nspname = $1 and relname = any($2)
  union all
  select typname, 'type' from pg_type t join pg_namespace n on n.oid = typnamespace
  where nspname = $1 and typname = any($3) and not exists (select from pg_type element where element.typarray = t.oid)
    and not (typname = any($2) and typrelid <> 0)`;

/** A blocking finding for each object of the target that has a name the plan needs. */
export async function findExisting(session: PostgresSession, plans: readonly TablePlan[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const schema of new Set(plans.map(({ table }) => table.targetSchema))) {
    const here = plans.filter(({ table }) => table.targetSchema === schema);
    const relations = new Map(here.flatMap(relationsOf));
    const types = new Map(here.flatMap(typesOf));
    for (const [name, kind] of await session.query(NAMED, [schema, [...relations.keys()], [...types.keys()]])) {
      const wanted = kind === 'type' ? types : relations;
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

/** A name of the target, and the source's object that needs it. */
type Wanted = readonly [name: string, object: string];

function relationsOf({ table: { source, targetName, primaryKey, indexes } }: TablePlan): Wanted[] {
  return [
    [targetName, source.name],
    ...(primaryKey ? [[primaryKey.name, source.name] as const] : []),
    ...indexes.map((index) => [index.targetName, `${source.name}.${index.source.name}`] as const),
  ];
}

function typesOf({ table: { source, targetName, columns } }: TablePlan): Wanted[] {
  const enums = columns.flatMap(({ typeName, source: column }): Wanted[] =>
    typeName === undefined ? [] : [[typeName, `${source.name}.${column.name}`]],
  );
  return [[targetName, source.name], ...enums];
}
