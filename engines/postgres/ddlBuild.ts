import { integerRange } from '../../domain/canonicalType';
import type { IndexPart } from '../../domain/catalog';
import type { BuildStep, PlannedColumn, PlannedIndex, PlannedTable } from '../../domain/plan';
import { plannedPart, prefixOf } from '../../domain/planning';
import { hasIdentity } from './ddlTable';
import { quoteName, quoteQualified, quoteText } from './quote';

/** The first version that knows NULLS NOT DISTINCT. */
const NULLS_NOT_DISTINCT = 15;

/** Steps for a table that holds its rows: keys, indexes, identity counters, statistics. */
export function buildSteps(table: PlannedTable, majorVersion: number): BuildStep[] {
  const indexes = table.indexes.map((index) => indexStep(table, index, majorVersion));
  return [
    ...primaryKeySteps(table),
    ...indexes.filter(({ kind }) => kind === 'unique'),
    ...indexes.filter(({ kind }) => kind === 'index'),
    ...table.columns.filter(hasIdentity).map((column) => identityStep(table, column)),
    { kind: 'analyze', name: table.targetName, sql: `ANALYZE ${nameOf(table)}` },
  ];
}

/** Steps for foreign keys, once every table they refer to is built; rows are checked unless some are known to break it. */
export function foreignKeySteps(table: PlannedTable): BuildStep[] {
  return table.foreignKeys.map(({ source, targetName, columns, referencedTable, referencedColumns, notValid }) => {
    const clauses = [
      `ALTER TABLE ${nameOf(table)} ADD CONSTRAINT ${quoteName(targetName)}`,
      `FOREIGN KEY (${columns.map(quoteName).join(', ')})`,
      `REFERENCES ${quoteQualified(table.targetSchema, referencedTable)} (${referencedColumns.map(quoteName).join(', ')})`,
      ...(source.onDelete === 'NO ACTION' ? [] : [`ON DELETE ${source.onDelete}`]),
      ...(source.onUpdate === 'NO ACTION' ? [] : [`ON UPDATE ${source.onUpdate}`]),
      ...(notValid ? ['NOT VALID'] : []),
    ];
    return { kind: 'foreignKey', name: targetName, sql: clauses.join(' ') };
  });
}

/**
 * The same as two steps: made without a look at the rows, which takes milliseconds whatever their number, and checked later,
 * while others write. Keys that rows are known to break stay unchecked.
 */
export function uncheckedForeignKeySteps(table: PlannedTable): { add: BuildStep[]; check: BuildStep[] } {
  const steps = foreignKeySteps(table);
  const checked = new Set(table.foreignKeys.filter(({ notValid }) => !notValid).map(({ targetName }) => targetName));
  return {
    add: steps.map((step) => (checked.has(step.name) ? { ...step, sql: `${step.sql} NOT VALID` } : step)),
    check: steps
      .filter(({ name }) => checked.has(name))
      .map(({ name }) => ({
        kind: 'foreignKeyCheck',
        name,
        sql: `ALTER TABLE ${nameOf(table)} VALIDATE CONSTRAINT ${quoteName(name)}`,
      })),
  };
}

function primaryKeySteps(table: PlannedTable): BuildStep[] {
  if (table.primaryKey === null) return [];
  const { name, columns } = table.primaryKey;
  const list = columns.map(quoteName).join(', ');
  const sql = `ALTER TABLE ${nameOf(table)} ADD CONSTRAINT ${quoteName(name)} PRIMARY KEY (${list})`;
  return [{ kind: 'primaryKey', name, sql }];
}

/** A unique index of whole columns is a constraint, as on the source; only an index can hold expressions and orders. */
function indexStep(table: PlannedTable, index: PlannedIndex, majorVersion: number): BuildStep {
  const { unique, parts } = index.source;
  const name = quoteName(index.targetName);
  const nulls = index.nullsNotDistinct && majorVersion >= NULLS_NOT_DISTINCT;
  const list = parts.map((part) => partSql(table, part)).join(', ');
  const kind = unique ? 'unique' : 'index';
  if (unique && parts.every((part) => !part.descending && !isExpression(table, part))) {
    const words = nulls ? 'UNIQUE NULLS NOT DISTINCT' : 'UNIQUE';
    const sql = `ALTER TABLE ${nameOf(table)} ADD CONSTRAINT ${name} ${words} (${list})`;
    return { kind, name: index.targetName, sql };
  }
  const words = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${name} ON ${nameOf(table)} (${list})`;
  return { kind, name: index.targetName, sql: nulls ? `${words} NULLS NOT DISTINCT` : words };
}

function isExpression(table: PlannedTable, part: IndexPart): boolean {
  return prefixOf(part, plannedPart(table.source, table.columns, part).type) !== null;
}

function partSql(table: PlannedTable, part: IndexPart): string {
  const { targetName, type } = plannedPart(table.source, table.columns, part);
  const prefix = prefixOf(part, type);
  const column = quoteName(targetName);
  const bytes = type.kind === 'bytes';
  const what = prefix === null ? column : bytes ? `substring(${column}, 1, ${prefix})` : `left(${column}, ${prefix})`;
  return part.descending ? `${what} DESC` : what;
}

/**
 * Goes on past both the largest value and what the source would give next. Where that is beyond the column's range,
 * the counter is left at its end, so that the next insert fails as it does on the source.
 */
function identityStep(table: PlannedTable, { source, targetName, type }: PlannedColumn): BuildStep {
  const name = nameOf(table);
  const bits = type.kind === 'integer' ? (type.unsigned ? type.bits + 1 : type.bits) : 64;
  const range = integerRange({ kind: 'integer', bits: bits <= 16 ? 16 : bits <= 32 ? 32 : 64, unsigned: false });
  const next = /^\d+$/u.test(source.identity?.next ?? '') ? source.identity?.next : '1';
  const sql = [
    `SELECT setval(pg_get_serial_sequence(${quoteText(name)}, ${quoteText(targetName)}),`,
    `least(next, ${range.max})::bigint, next > ${range.max})`,
    `FROM (SELECT greatest(max(${quoteName(targetName)})::numeric + 1, ${next}, 1) AS next FROM ${name}) AS counter`,
  ];
  return { kind: 'identity', name: targetName, sql: sql.join(' ') };
}

function nameOf({ targetSchema, targetName }: PlannedTable): string {
  return quoteQualified(targetSchema, targetName);
}
