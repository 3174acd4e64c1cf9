import { MigrationError } from '../../domain/errors';
import type { Finding } from '../../domain/finding';
import type { TablePlan, TargetGrant } from '../../domain/plan';
import type { RunKey } from '../engine';
import type { PostgresSession } from './connection';
import type { MadeLog, MadeObject } from './control/made';
import { serverError } from './errors';
import { block } from './grantSteps';
import { quoteName, quoteText } from './quote';
import { changing, slices } from './undoSteps';

/**
 * Lets the roles of the plans use the run's tables, some in each transaction, each grant together with its entry in the
 * rollback log. Idempotent. Grants nothing on what has been set aside. Errors: EPOCH_STALE unless the run is the truth.
 */
export async function grantAccess(
  session: PostgresSession,
  made: MadeLog,
  { runId }: RunKey,
  plans: readonly TablePlan[],
): Promise<void> {
  const steps = plans.flatMap(({ table, ddl }) =>
    ddl.grants.map((step) => ({ ...step, schema: table.targetSchema, table: table.targetName })),
  );
  for (const some of slices(steps)) {
    await changing(session, runId, async (state) => {
      if (state !== 'committed')
        throw new MigrationError('EPOCH_STALE', `run ${runId} is ${state}: its tables are nobody's to use`);
      const names = some.flatMap(({ table, role, on }) => [table, nameOf(role, on)]);
      const entries = await made.list(runId, names);
      const has = (object: Pick<MadeObject, 'kind' | 'schema' | 'name'>): boolean =>
        entries.some(
          ({ kind, schema, name }) => kind === object.kind && schema === object.schema && name === object.name,
        );
      for (const { schema, table, role, on, sql, undo } of some) {
        if (!has({ kind: 'table', schema, name: table })) continue;
        await letInto(session, made, runId, schema, role);
        const object = { kind: 'grant', schema, name: nameOf(role, on), undo };
        if (has(object)) continue;
        await granting(session, sql);
        await made.record(runId, object);
      }
    });
  }
}

/** Under which the rollback log knows a grant. */
function nameOf(role: string, on: string): string {
  return `${role} on ${on}`;
}

/** Nothing is granted, nor taken away later, where the role may use the schema by itself. */
async function letInto(
  session: PostgresSession,
  made: MadeLog,
  runId: string,
  schema: string,
  role: string,
): Promise<void> {
  const rows = await session.query(
    `select has_schema_privilege(r.oid, n.oid, 'USAGE') from pg_roles r, pg_namespace n where rolname = $1 and nspname = $2`,
    [role, schema],
  );
  if (rows[0]?.[0] === 't') return;
  const quoted = quoteName(schema);
  await granting(session, `GRANT USAGE ON SCHEMA ${quoted} TO ${quoteName(role)}`);
  const there = `EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteText(role)}) AND to_regnamespace(${quoteText(quoted)}) IS NOT NULL`;
  const undo = block(`IF ${there} THEN REVOKE USAGE ON SCHEMA ${quoted} FROM ${quoteName(role)}; END IF;`);
  await made.record(runId, { kind: 'grant', schema, name: `${role} on schema`, undo });
}

/** The statistics collector may be writing the same catalog row: nothing is wrong then, and a moment later it is done. */
async function granting(session: PostgresSession, sql: string): Promise<void> {
  await session.query(sql).catch((error: unknown) => {
    if (serverError(error)?.message !== 'tuple concurrently updated') throw error;
    throw new MigrationError(
      'SERVER_BUSY',
      'a right could not be granted because the table is being analysed; it is tried again',
      {
        cause: error,
      },
    );
  });
}

/** A blocking finding for each role that the target does not have. */
export async function roleFindings(session: PostgresSession, grants: readonly TargetGrant[]): Promise<Finding[]> {
  const roles = [...new Set(grants.map(({ role }) => role))];
  if (roles.length === 0) return [];
  const rows = await session.query('select rolname from pg_roles where rolname = any($1)', [roles]);
  const there = new Set(rows.map(([role]) => role));
  return roles
    .filter((role) => !there.has(role))
    .map((role) => ({
      code: 'ROLE_MISSING',
      severity: 'blocking',
      object: session.name,
      source: `targetGrants names ${quoteName(role)}`,
      target: `CREATE ROLE ${quoteName(role)} LOGIN PASSWORD '…'`,
      reason: 'the target has no role of that name, in upper and lower case as given: make it, or mend the name',
    }));
}
