import { readCells, type Cell } from '../../domain/canonicalCells';
import type { PlannedTable } from '../../domain/plan';
import { bucketColumns, keyColumns, NULL_IN_KEY, unhashedColumns, type RowKey } from '../../domain/rowKey';
import type { Verifiable, VerificationPart } from '../engine';
import { boundedCell, wholeCell } from './fingerprint/cells';
import { keysSql, rangeSql, type Bind } from './fingerprint/keySql';
import { bucketSql, hashNumberSql, keyHashSql, rowHashSql } from './fingerprint/rowHash';
import { quoteName, quoteQualified } from './quote';

type Query = (sql: string, parameters?: readonly unknown[], signal?: AbortSignal) => Promise<(string | null)[][]>;

/**
 * Verification of tables of a PostgreSQL database. `query` runs a statement in a session pinned as in connection.ts and
 * answers text. Nothing here is shared with the row path.
 */
export function postgresVerification(query: Query): Verifiable {
  return {
    async countRows(table, signal) {
      const rows = await query(`select count(*) from ${nameOf(table)}`, [], signal);
      return Number(rows[0]?.[0]);
    },

    async digestBuckets(part, signal) {
      const { table, bucketCount } = part;
      const { from, values } = selectPart(part);
      const sum = `sum(${hashNumberSql(rowHashSql(table))})`;
      const grouped = bucketCount > 1;
      const bucket = grouped ? bucketOf(table, bucketCount) : '0';
      const sql = `select ${bucket}, count(*), ${sum} from ${from}${grouped ? ' group by 1' : ''}`;
      const rows = await query(sql, values, signal);
      return rows
        .map(([number, count, total]) => ({ bucket: Number(number), rows: Number(count), sum: total ?? '0' }))
        .filter((digest) => digest.rows > 0);
    },

    async digestRows(part, signal) {
      const { table } = part;
      const { from, values } = selectPart(part);
      const keys = keyColumns(table).map((column) => wholeCell(column));
      const unhashed = unhashedColumns(table).map(keys.length === 0 ? wholeCell : boundedCell);
      const grouped = keys.length === 0 && unhashed.length === 0;
      const list = [rowHashSql(table), grouped ? 'count(*)' : '1', ...keys.flat(), ...unhashed.flat()];
      const rows = await query(
        `select ${list.join(', ')} from ${from}${grouped ? ' group by 1' : firstSql(part)}`,
        values,
        signal,
      );
      return rows.map((row) => ({
        hash: row[0] ?? '',
        rows: Number(row[1]),
        key: readKey(keys, row, 2),
        unhashed: readCells(unhashed, row, 2 + keys.length),
      }));
    },

    async readRows({ table, keys, hashes, wholeJson, wholeText = false }, signal) {
      if (keys.length + hashes.length === 0) return [];
      const parts = keyColumns(table);
      const key = parts.map((column) => wholeCell(column));
      const cells = table.columns.map((column) =>
        wholeText || (wholeJson && column.type.kind === 'json') ? wholeCell(column) : boundedCell(column),
      );
      const values: unknown[] = [];
      const bind = binder(values);
      if (parts.length === 0) {
        const list = [rowHashSql(table), ...cells.flat()].join(', ');
        const sql = `select distinct on (1) ${list} from ${nameOf(table)} where ${rowHashSql(table)} = any(${bind(hashes)})`;
        const rows = await query(sql, values, signal);
        return rows.map((row) => ({ key: [row[0] ?? ''], values: readCells(cells, row, 1) }));
      }
      const list = [...key.flat(), ...cells.flat()].join(', ');
      const sql = `select ${list} from ${nameOf(table)} where ${keysSql(parts, keys, bind)}`;
      const rows = await query(sql, values, signal);
      return rows.map((row) => ({ key: readKey(key, row, 0), values: readCells(cells, row, key.length) }));
    },
  };
}

function nameOf({ targetSchema, targetName }: PlannedTable): string {
  return quoteQualified(targetSchema, targetName);
}

function readKey(cells: readonly Cell[], row: readonly (string | null)[], at: number): RowKey {
  return readCells(cells, row, at).map((text) => text ?? NULL_IN_KEY);
}

/** The table and the condition of a part, with the values of its placeholders. */
function selectPart({ table, range, bucketCount, buckets, keys }: VerificationPart): {
  from: string;
  values: readonly unknown[];
} {
  const values: unknown[] = [];
  const bind = binder(values);
  const columns = keyColumns(table);
  const conditions = rangeSql(columns, range, bind);
  if (keys !== null) conditions.push(`(${keysSql(columns, keys, bind)})`);
  if (buckets !== null) conditions.push(`${bucketOf(table, bucketCount)} = any(${bind(buckets)}::int8[])`);
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  return { from: nameOf(table) + where, values };
}

function firstSql({ table, first }: VerificationPart): string {
  if (first === undefined) return '';
  const key = keyColumns(table).map(({ targetName }) => quoteName(targetName));
  return ` order by ${key.join(', ')} limit ${first}`;
}

function binder(values: unknown[]): Bind {
  return (value) => `$${values.push(value)}`;
}

/** By the key's hash; a table without a key, by the row's own. */
function bucketOf(table: PlannedTable, bucketCount: number): string {
  if (table.chunkKey === null) return bucketSql(rowHashSql(table), bucketCount);
  const columns = bucketColumns(table);
  return columns.length === 0 ? '0' : bucketSql(keyHashSql(columns), bucketCount);
}
