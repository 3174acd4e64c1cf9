import type { CheckConstraint } from '../../domain/catalog';
import { readEscapedExpression } from './literals';
import { quoteName } from './quote';
import type { Session } from './session';

/** The CHECK constraints of every table of the database, by table name, each list in order of names. */
export async function readChecks(session: Session): Promise<ReadonlyMap<string, CheckConstraint[]>> {
  const checks = new Map<string, CheckConstraint[]>();
  for (const { table, name, expression, enforced } of await readRaw(session)) {
    const mysql = session.server.flavour === 'mysql';
    const check = {
      name: name ?? '',
      expression: mysql ? readEscapedExpression(expression ?? '') : (expression ?? ''),
      enforced: enforced === 'YES',
    };
    checks.set(table ?? '', [...(checks.get(table ?? '') ?? []), check]);
  }
  return checks;
}

/** MySQL came to checks in 8.0.16; MariaDB keeps the table's name beside the expression. */
async function readRaw(session: Session) {
  const { flavour, version } = session.server;
  if (flavour === 'mariadb') {
    return session.select(
      { table: 'TABLE_NAME', name: 'CONSTRAINT_NAME', expression: 'CHECK_CLAUSE', enforced: "'YES'" },
      'FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY TABLE_NAME, CONSTRAINT_NAME',
    );
  }
  if (version < 80016) return [];
  return session.select(
    { table: 't.TABLE_NAME', name: 't.CONSTRAINT_NAME', expression: 'c.CHECK_CLAUSE', enforced: 't.ENFORCED' },
    `FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c
       ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
     WHERE t.TABLE_SCHEMA = DATABASE() AND t.CONSTRAINT_TYPE = 'CHECK' ORDER BY t.TABLE_NAME, t.CONSTRAINT_NAME`,
  );
}

/**
 * True of the check that MariaDB makes of the type json, which is a LONGTEXT in utf8mb4_bin otherwise. Such a column is
 * json, and the check goes with the type.
 */
export function isJsonCheck(
  check: CheckConstraint,
  column: { name: string | null; columnType: string | null; collation: string | null },
): boolean {
  return (
    column.columnType === 'longtext' &&
    column.collation === 'utf8mb4_bin' &&
    check.name === column.name &&
    check.expression === `json_valid(${quoteName(column.name)})`
  );
}
