import { changesRows } from '../cascades';
import type { ForeignKey } from '../catalog';
import type { Finding } from '../finding';
import type { PlannedColumn, PlannedTable } from '../plan';
import { keyColumns } from '../rowKey';
import { describeForeignKey } from './describeObject';

/**
 * What of these tables cannot be followed while it is written to, or not exactly. Pure.
 *
 * The applier finds a row by the bytes of its key as the log has them, and the log has those that were stored. So a key
 * whose collation takes two spellings for the same is followed: that a row's key was 'Ann' and is 'ANN' is a change of
 * the key for the stream. What it cannot do is find rows by a key that is no value of its own on the target. Rows without
 * a key are found by all that they hold.
 */
export function liveFindings(tables: readonly PlannedTable[]): Finding[] {
  const planned = new Map(tables.map((table) => [table.source.name, table]));
  return tables.flatMap((table) => [
    ...findInEngine(table),
    ...findInKey(table),
    ...table.source.foreignKeys.flatMap((key) => findInForeignKey(table, key, planned)),
  ]);
}

const WAY_OUT = 'use the strategy "bigBang", or leave the table out with tables.exclude';

function findInEngine({ source: { name, transactional } }: PlannedTable): Finding[] {
  if (transactional) return [];
  const reason = `no read and no place of the log belong together, so a change could be lost or made twice: convert it to InnoDB, ${WAY_OUT}`;
  return [notStreamed(name, 'a storage engine without transactions', reason)];
}

function findInKey(table: PlannedTable): Finding[] {
  if (table.chunkKey === null) {
    return table.source.transactional ? [comparedUnderFreeze(table)] : [];
  }
  return keyColumns(table).flatMap((column) => findInKeyColumn(table, column));
}

/** Its rows are told apart by all that they hold, and compared all together. */
function comparedUnderFreeze({ source: { name, estimatedRows } }: PlannedTable): Finding {
  return {
    code: 'TABLE_WITHOUT_KEY',
    severity: 'warning',
    object: name,
    source: `about ${estimatedRows} rows`,
    target: 'if it is written to, compared whole under the freeze',
    reason:
      'only a table at rest can be compared without a key, so the write pause of the cutover grows with its rows: give it a primary key, or a unique index over whole columns that are NOT NULL and neither FLOAT nor JSON, if it is large',
  };
}

function findInKeyColumn({ source: { name } }: PlannedTable, column: PlannedColumn): Finding[] {
  const object = `${name}.${column.source.name}`;
  const declared = `${column.source.declaredType}, part of the key by which rows are found`;
  if (column.type.kind === 'set') {
    return [notStreamed(object, declared, `rows are not found by sets on the target: ${WAY_OUT}`)];
  }
  if (column.nullable) {
    const reason = `a value of it may become NULL on the target, by which no row is found: mend these rows, or ${WAY_OUT}`;
    return [notStreamed(object, declared, reason)];
  }
  return [];
}

/** Some servers do not log what a foreign key does to other rows; then it is done again on the target. */
function findInForeignKey(table: PlannedTable, key: ForeignKey, planned: ReadonlyMap<string, PlannedTable>): Finding[] {
  if (!changesRows(key.onDelete) && !changesRows(key.onUpdate)) return [];
  const object = `${table.source.name}.${key.name}`;
  const parent = key.referencedSchema === null ? planned.get(key.referencedTable) : undefined;
  if (parent === undefined) {
    const reason = `what a change there does to rows here is not in the log of every server, and that table is not followed: include it, or ${WAY_OUT}`;
    return [notStreamed(object, describeForeignKey(key), reason)];
  }
  const keyless = [table, parent].find(({ chunkKey }) => chunkKey === null);
  if (keyless !== undefined) {
    const reason = `what it does to rows is not in the log of every server, and rows of ${keyless.source.name} are not found without a key: give it one, or ${WAY_OUT}`;
    return [notStreamed(object, describeForeignKey(key), reason)];
  }
  const columns = [...columnsOf(table, key.columns), ...columnsOf(parent, key.referencedColumns)];
  if (columns.some(({ type }) => type.kind === 'set')) {
    return [notStreamed(object, describeForeignKey(key), `rows are not found by sets on the target: ${WAY_OUT}`)];
  }
  const collations = new Set(
    columns.flatMap(({ source, type }) => (type.kind === 'text' ? source.collation : []) ?? []),
  );
  const loose = [...collations].filter((collation) => !/(?:_bin|^binary)$/u.test(collation));
  if (loose.length === 0) return [];
  return [
    {
      code: 'CASE_INSENSITIVE_KEY',
      severity: 'warning',
      object,
      source: `${describeForeignKey(key)}, compared by ${loose.join(' and ')}`,
      target: 'compared letter by letter',
      reason:
        'while the source is written to, what this key does to rows that spell the value otherwise than the row they refer to is not done on the target where the log of the source does not have it; the verification finds such rows',
    },
  ];
}

function columnsOf({ columns }: PlannedTable, names: readonly string[]): PlannedColumn[] {
  return columns.filter(({ source }) => names.includes(source.name));
}

function notStreamed(object: string, source: string, reason: string): Finding {
  return { code: 'TABLE_NOT_STREAMED', severity: 'blocking', object, source, target: '', reason };
}
