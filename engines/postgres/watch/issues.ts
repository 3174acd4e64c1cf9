import { MigrationError } from '../../../domain/errors';
import type { CriticalIssue } from '../../../domain/observe/criticalIssues';
import type { TablePlan, TargetGrant } from '../../../domain/plan';
import type { PostgresSession } from '../connection';
import { hasIdentity } from '../ddlTable';
import { quoteName, quoteQualified } from '../quote';

/** Somebody who holds a table for longer holds up the application, too. */
const LOCK_TIMEOUT_MS = 2_000;
/** Of the connections that the server admits. */
const MOST_CONNECTIONS = 0.95;

const SERVER = `select pg_is_in_recovery(), current_setting('transaction_read_only'),
  (select sum(numbackends) from pg_stat_database), current_setting('max_connections')`;

/** What must not be: of the server, of all the plans by the catalog, and of some tables by reading them. */
export async function findIssues(
  session: PostgresSession,
  plans: readonly TablePlan[],
  read: readonly TablePlan[],
  grants: readonly TargetGrant[],
): Promise<CriticalIssue[]> {
  const issues = await ofServer(session);
  const missing = await missingTables(session, plans);
  issues.push(
    ...plans.filter(({ table }) => missing.has(nameOf(table))).map(({ table }) => gone(table.source.name)),
    ...(await inCatalog(session, plans)),
    ...(await inGrants(session, plans, missing, grants)),
  );
  for (const plan of read) if (!missing.has(nameOf(plan.table))) issues.push(...(await inTable(session, plan)));
  return issues;
}

async function ofServer(session: PostgresSession): Promise<CriticalIssue[]> {
  const [row] = await session.query(SERVER);
  const [recovering, readOnly, connections, most] = row ?? [];
  const issues: CriticalIssue[] = [];
  if (recovering === 't' || readOnly === 'on') {
    const found = recovering === 't' ? 'the server is in recovery' : 'transactions are read-only';
    issues.push({ code: 'TARGET_READ_ONLY', object: session.name, found });
  }
  if (Number(connections) >= Number(most) * MOST_CONNECTIONS) {
    const found = `${connections ?? ''} of ${most ?? ''} connections are taken`;
    issues.push({ code: 'CONNECTIONS_EXHAUSTED', object: session.name, found });
  }
  return issues;
}

async function missingTables(session: PostgresSession, plans: readonly TablePlan[]): Promise<ReadonlySet<string>> {
  const rows = await session.query('select name from unnest($1::text[]) name where to_regclass(name) is null', [
    plans.map(({ table }) => nameOf(table)),
  ]);
  return new Set(rows.map(([name]) => name ?? ''));
}

function gone(object: string): CriticalIssue {
  return { code: 'TABLE_MISSING', object, found: 'there is no table of its name in its schema' };
}

/** Only what the migration made: the application may build an index of its own, which is not valid until it is built. */
const INVALID = `
  with planned as (
    select to_regclass(t) as oid, n as name, k as kind from unnest($1::text[], $2::text[], $3::text[]) as p (t, n, k))
  select 'INDEX_INVALID', c.relname, 'the index is not valid'
  from planned p join pg_index i on i.indrelid = p.oid join pg_class c on c.oid = i.indexrelid and c.relname = p.name
  where p.kind = 'index' and not i.indisvalid
  union all
  select 'CONSTRAINT_NOT_ENFORCED', x.conname, case when x.convalidated then 'its triggers are off' else 'it is NOT VALID' end
  from planned p join pg_constraint x on x.conrelid = p.oid and x.conname = p.name
  where p.kind = 'foreignKey' and (not x.convalidated or exists (
    select from pg_trigger t where t.tgconstraint = x.oid and t.tgenabled in ('D', 'R')))`;

async function inCatalog(session: PostgresSession, plans: readonly TablePlan[]): Promise<CriticalIssue[]> {
  const planned = plans.flatMap(({ table }) => [
    ...[table.primaryKey?.name ?? [], table.indexes.map(({ targetName }) => targetName)]
      .flat()
      .map((name) => [nameOf(table), name, 'index']),
    ...table.foreignKeys
      .filter(({ notValid }) => !notValid)
      .map(({ targetName }) => [nameOf(table), targetName, 'foreignKey']),
  ]);
  const columns = [0, 1, 2].map((place) => planned.map((entry) => entry[place]));
  const rows = await session.query(INVALID, columns);
  return rows.map(([code, object, found]) => ({
    code: code === 'INDEX_INVALID' ? code : 'CONSTRAINT_NOT_ENFORCED',
    object: object ?? '',
    found: found ?? '',
  }));
}

const RIGHTS = { read: ['SELECT'], readWrite: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] } as const;

const LOST = `
  select g.role, string_agg(distinct g.privilege, ', '), count(distinct t.name), min(t.name)
  from unnest($1::text[], $2::text[]) as g (role, privilege) cross join unnest($3::text[]) as t (name)
  left join pg_roles r on r.rolname = g.role
  where r.oid is null or not has_table_privilege(r.oid, to_regclass(t.name), g.privilege)
    or not has_schema_privilege(r.oid, $4, 'USAGE')
  group by g.role`;

async function inGrants(
  session: PostgresSession,
  plans: readonly TablePlan[],
  missing: ReadonlySet<string>,
  grants: readonly TargetGrant[],
): Promise<CriticalIssue[]> {
  const tables = plans.map(({ table }) => nameOf(table)).filter((name) => !missing.has(name));
  const [first] = plans;
  if (grants.length === 0 || tables.length === 0 || first === undefined) return [];
  const wanted = grants.flatMap(({ role, privileges }) => RIGHTS[privileges].map((privilege) => [role, privilege]));
  const rows = await session.query(LOST, [
    wanted.map(([role]) => role),
    wanted.map(([, privilege]) => privilege),
    tables,
    first.table.targetSchema,
  ]);
  return rows.map(([role, privileges, count, example]) => ({
    code: 'GRANT_LOST',
    object: role ?? '',
    found: `it lacks ${privileges ?? ''} on ${count ?? ''} of ${tables.length} tables, such as ${example ?? ''}`,
  }));
}

async function inTable(session: PostgresSession, { table }: TablePlan): Promise<CriticalIssue[]> {
  const name = nameOf(table);
  const issues: CriticalIssue[] = [];
  try {
    await session.transaction(
      async () => {
        await session.query(`select 1 from ${name} limit 1`);
        for (const column of table.columns.filter(hasIdentity)) {
          const taken = await nextIsTaken(session, name, column.targetName);
          if (taken === null) continue;
          const found = `the next number is ${taken}, and a row has it`;
          issues.push({ code: 'COUNTER_BEHIND', object: `${table.source.name}.${column.source.name}`, found });
        }
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  } catch (error) {
    if (!(error instanceof MigrationError) || error.code === 'CONNECTION_LOST') throw error;
    issues.push({ code: 'TABLE_UNREADABLE', object: table.source.name, found: error.message });
  }
  return issues;
}

/** The number that the column's counter would give next, where a row has it already. */
async function nextIsTaken(session: PostgresSession, table: string, column: string): Promise<string | null> {
  const [found] = await session.query('select pg_get_serial_sequence($1, $2)', [table, column]);
  const sequence = found?.[0];
  // The application's owner may number the column otherwise.
  if (sequence === null || sequence === undefined) return null;
  const [next] = await session.query(
    `select last_value + case when is_called then 1 else 0 end from ${sequence}
     where exists (select from ${table} where ${quoteName(column)} = last_value + case when is_called then 1 else 0 end)`,
  );
  return next?.[0] ?? null;
}

function nameOf({ targetSchema, targetName }: TablePlan['table']): string {
  return quoteQualified(targetSchema, targetName);
}
