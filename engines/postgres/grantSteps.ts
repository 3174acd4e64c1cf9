import type { GrantStep, PlannedTable, TargetGrant } from '../../domain/plan';
import { hasIdentity } from './ddlTable';
import { quoteName, quoteQualified, quoteText } from './quote';

const PRIVILEGES = { read: 'SELECT', readWrite: 'SELECT, INSERT, UPDATE, DELETE' } as const;

/** What lets the roles use a table, and who numbers its rows, with what takes it away again. */
export function grantSteps(table: PlannedTable, grants: readonly TargetGrant[]): GrantStep[] {
  const { targetSchema, targetName } = table;
  const name = quoteQualified(targetSchema, targetName);
  return grants.flatMap(({ role, privileges }) => [
    {
      role,
      on: targetName,
      sql: `GRANT ${PRIVILEGES[privileges]} ON TABLE ${name} TO ${quoteName(role)}`,
      undo: whereThere(role, name, `REVOKE ${PRIVILEGES[privileges]} ON TABLE ${name} FROM ${quoteName(role)};`),
    },
    ...(privileges === 'read' ? [] : table.columns.filter(hasIdentity)).map((column) => {
      const sequence = `pg_get_serial_sequence(${quoteText(name)}, ${quoteText(column.targetName)})`;
      const onSequence = (verb: string, to: string): string =>
        `EXECUTE format('${verb} USAGE, SELECT ON SEQUENCE %s ${to} %I', ${sequence}, ${quoteText(role)});`;
      return {
        role,
        on: `${targetName}.${column.targetName}`,
        sql: block(onSequence('GRANT', 'TO')),
        undo: whereThere(role, name, onSequence('REVOKE', 'FROM')),
      };
    }),
  ]);
}

/** The role or the table may be gone by the time of the undo, and the right with it. */
function whereThere(role: string, table: string, statement: string): string {
  const roleIsThere = `EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteText(role)})`;
  return block(`IF ${roleIsThere} AND to_regclass(${quoteText(table)}) IS NOT NULL THEN ${statement} END IF;`);
}

/** Statements as one, for what must look before it does something. */
export function block(body: string): string {
  return `DO ${quoteText(`BEGIN ${body} END`)}`;
}
