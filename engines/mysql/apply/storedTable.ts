import { MigrationError } from '../../../domain/errors';
import type { AppliedTable } from '../../engine';
import { quoteText } from '../quote';
import type { Session } from '../session';

/** A column of a table as the server has it. */
interface StoredColumn {
  readonly name: string;
  readonly declaredType: string;
  readonly isGenerated: boolean;
}

/** What stands in the way of writing a table back; the code of the error, and why. */
export interface Obstacle {
  readonly code: 'PLAN_CHANGED' | 'WAY_BACK_BLOCKED';
  readonly why: string;
}

/** A table of the database as it is now; what is generated cannot be written. */
export interface StoredTable {
  readonly generated: ReadonlySet<string>;
  readonly obstacle: Obstacle | null;
}

/** Looks at the tables that are to take changes, by their names here, in the order given. */
export async function readStoredTables(
  session: Session,
  tables: readonly Pick<AppliedTable, 'plan'>[],
): Promise<StoredTable[]> {
  const names = tables.map(({ plan }) => plan.table.targetName);
  if (names.length === 0) return [];
  const columns = await readColumns(session, names);
  const engines = await readEngines(session, names);
  const triggers = await readTriggers(session);
  return tables.map(({ plan }) => {
    const name = plan.table.targetName;
    const stored = columns.get(name) ?? [];
    const generated = new Set(stored.filter(({ isGenerated }) => isGenerated).map((column) => column.name));
    const obstacle =
      whyChanged(plan, stored) ?? whyNotTransactional(engines.get(name) ?? null) ?? whyTriggers(triggers.get(name));
    return { generated, obstacle };
  });
}

/** Errors: PLAN_CHANGED, WAY_BACK_BLOCKED. */
export function refuseObstacle(table: string, { obstacle }: StoredTable): void {
  if (obstacle !== null)
    throw new MigrationError(obstacle.code, `table ${table} cannot take changes back: ${obstacle.why}`);
}

const listed = (names: readonly string[]): string => names.map((name) => quoteText(name)).join(', ');

async function readColumns(session: Session, names: readonly string[]): Promise<Map<string, StoredColumn[]>> {
  const rows = await session.query(
    `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, EXTRA FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${listed(names)}) ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );
  const tables = new Map<string, StoredColumn[]>();
  for (const [table, name, type, extra] of rows) {
    const column = {
      name: name ?? '',
      declaredType: withoutRemark(type ?? ''),
      isGenerated: /\b(VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(extra ?? ''),
    };
    tables.set(table ?? '', [...(tables.get(table ?? '') ?? []), column]);
  }
  return tables;
}

/** As introspection has it: without MariaDB's remark that the column is compressed. */
function withoutRemark(columnType: string): string {
  return columnType.replace(/ \/\*M?!\d+ COMPRESSED\*\//, '');
}

/** The storage engines that have no transactions, by table; null for one that has. */
async function readEngines(session: Session, names: readonly string[]): Promise<Map<string, string | null>> {
  const rows = await session.query(
    `SELECT TABLE_NAME, t.ENGINE, TRANSACTIONS FROM information_schema.TABLES t
     LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${listed(names)})`,
  );
  return new Map(rows.map(([table, engine, has]) => [table ?? '', has === 'YES' ? null : (engine ?? '?')]));
}

async function readTriggers(session: Session): Promise<Map<string, string[]>> {
  const rows = await session.query(
    `SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS
     WHERE TRIGGER_SCHEMA = DATABASE() AND EVENT_MANIPULATION IN ('INSERT', 'DELETE')`,
  );
  const triggers = new Map<string, string[]>();
  for (const [table, name] of rows) triggers.set(table ?? '', [...(triggers.get(table ?? '') ?? []), name ?? '']);
  return triggers;
}

function whyChanged({ table, ddl }: AppliedTable['plan'], stored: readonly StoredColumn[]): Obstacle | null {
  const changed = (why: string): Obstacle => ({ code: 'PLAN_CHANGED', why });
  if (stored.length === 0) return changed('there is none of that name');
  for (const [place, { targetName }] of table.columns.entries()) {
    const column = stored.find(({ name }) => name === targetName);
    if (column === undefined) return changed(`it has no column ${targetName} any more`);
    const planned = ddl.nativeTypes[place] ?? '';
    if (column.declaredType !== planned) {
      return changed(`its column ${targetName} is ${column.declaredType} now, and was ${planned}`);
    }
  }
  // Rows are written anew: what the target does not have would be lost.
  const strange = stored.find(
    ({ name, isGenerated }) => !isGenerated && !table.columns.some(({ targetName }) => targetName === name),
  );
  return strange === undefined ? null : changed(`it has a column ${strange.name} that the target has not`);
}

function whyNotTransactional(engine: string | null): Obstacle | null {
  if (engine === null) return null;
  return {
    code: 'WAY_BACK_BLOCKED',
    why: `its storage engine ${engine} has no transactions: a change could be half made, or made twice`,
  };
}

/** They are part of what the target was told already, and would make their changes once more. */
function whyTriggers(triggers: readonly string[] = []): Obstacle | null {
  if (triggers.length === 0) return null;
  return { code: 'WAY_BACK_BLOCKED', why: `its triggers would fire again: ${triggers.join(', ')}` };
}
