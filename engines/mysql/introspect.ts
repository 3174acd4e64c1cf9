import type { Catalog, CheckConstraint, ColumnDefault, Table } from '../../domain/catalog';
import type { DatabaseSettings } from '../../domain/connection';
import { isJsonCheck, readChecks } from './checks';
import { needsExactDefault, readRawColumns, toColumn, type RawColumn } from './columns';
import { readDefinitions, readForeignKeys } from './definitions';
import { readExactDefaults } from './exactDefaults';
import { readIndexes, type TableIndexes } from './indexes';
import { readDoubtfulLabels, type Labels } from './labels';
import { readOthers } from './others';
import type { Session } from './session';

const TABLES = {
  name: 'TABLE_NAME',
  engine: 'LOWER(ENGINE)',
  rows: 'TABLE_ROWS',
  bytes: 'DATA_LENGTH',
  counter: 'AUTO_INCREMENT',
  options: 'CREATE_OPTIONS',
  comment: 'TABLE_COMMENT',
} as const;

const FROM_TABLES =
  "FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";

type RawTable = Record<keyof typeof TABLES, string | null>;

/** Everything read of the schema, by table name or by column, before it is put together. */
interface RawSchema {
  readonly columns: ReadonlyMap<string, RawColumn[]>;
  readonly indexes: ReadonlyMap<string, TableIndexes>;
  readonly checks: ReadonlyMap<string, CheckConstraint[]>;
  readonly definitions: ReadonlyMap<string, string>;
  readonly exactDefaults: ReadonlyMap<RawColumn, ColumnDefault | null>;
  readonly labels: ReadonlyMap<RawColumn, Labels>;
  /** The storage engines that have transactions, in lower case. */
  readonly transactional: ReadonlySet<string>;
}

/**
 * The whole schema of the session's database, by a handful of queries over information_schema and the definition of
 * each table in batches. The estimates are as fresh as the server's own statistics.
 */
export async function introspect(session: Session, settings: DatabaseSettings): Promise<Catalog> {
  const rawTables = await session.select(TABLES, FROM_TABLES);
  const names = rawTables.map(({ name }) => name ?? '');
  const columns = groupByTable(await readRawColumns(session), names);
  const checks = await readChecks(session);
  const definitions = await readDefinitions(settings, names);
  const schema: RawSchema = {
    columns,
    checks,
    definitions,
    indexes: await readIndexes(session),
    exactDefaults: await readExactDefaults(settings, doubtfulDefaults(session, columns, checks), definitions),
    labels: await readLabels(session, columns),
    transactional: await readTransactionalEngines(session),
  };
  const others = await readOthers(session);
  const tables = rawTables.map((raw) => toTable(session, raw, schema)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return { tables, others };
}

function toTable(session: Session, raw: RawTable, schema: RawSchema): Table {
  const name = raw.name ?? '';
  const definition = schema.definitions.get(name) ?? '';
  const columns = schema.columns.get(name) ?? [];
  const checks = schema.checks.get(name) ?? [];
  return {
    name,
    columns: columns.map((column) =>
      toColumn(session, column, {
        counter: raw.counter,
        isJson: jsonCheckOf(column, checks) !== undefined,
        exactDefault: schema.exactDefaults.get(column) ?? null,
        labels: schema.labels.get(column) ?? null,
      }),
    ),
    primaryKey: schema.indexes.get(name)?.primaryKey ?? null,
    indexes: schema.indexes.get(name)?.indexes ?? [],
    foreignKeys: readForeignKeys(definition),
    checks: checks.filter((check) => !columns.some((column) => isJsonCheck(check, column))),
    comment: raw.comment ?? '',
    estimatedRows: Number(raw.rows ?? 0),
    bytes: Number(raw.bytes ?? 0),
    transactional: schema.transactional.has(raw.engine ?? ''),
    partitioned: /\bpartitioned\b/.test(raw.options ?? ''),
    definition,
  };
}

function groupByTable(columns: readonly RawColumn[], tables: readonly string[]): ReadonlyMap<string, RawColumn[]> {
  const groups = new Map(tables.map((table): [string, RawColumn[]] => [table, []]));
  for (const column of columns) groups.get(column.table ?? '')?.push(column);
  return groups;
}

function jsonCheckOf(column: RawColumn, checks: readonly CheckConstraint[]): CheckConstraint | undefined {
  return checks.find((check) => isJsonCheck(check, column));
}

/** The columns whose defaults information_schema does not tell exactly, by table. */
function doubtfulDefaults(
  session: Session,
  tables: RawSchema['columns'],
  checks: RawSchema['checks'],
): { table: string; columns: RawColumn[] }[] {
  return [...tables]
    .map(([table, columns]) => ({
      table,
      columns: columns.filter((column) =>
        needsExactDefault(session, column, jsonCheckOf(column, checks.get(table) ?? []) !== undefined),
      ),
    }))
    .filter(({ columns }) => columns.length > 0);
}

async function readLabels(session: Session, tables: RawSchema['columns']): Promise<ReadonlyMap<RawColumn, Labels>> {
  const labels = new Map<RawColumn, Labels>();
  for (const column of [...tables.values()].flat()) {
    const read = await readDoubtfulLabels(session, column);
    if (read !== null) labels.set(column, read);
  }
  return labels;
}

async function readTransactionalEngines(session: Session): Promise<ReadonlySet<string>> {
  const rows = await session.query("SELECT LOWER(ENGINE) FROM information_schema.ENGINES WHERE TRANSACTIONS = 'YES'");
  return new Set(rows.map(([engine]) => engine ?? ''));
}
