import { readCells, type Cell } from '../../domain/canonicalCells';
import type { PlannedTable } from '../../domain/plan';
import { bucketColumns, keyColumns, NULL_IN_KEY, unhashedColumns, type RowKey } from '../../domain/rowKey';
import type { Verifiable, VerificationPart } from '../engine';
import { boundedCell, wholeCell } from './fingerprint/cells';
import { keysSql } from './fingerprint/keySql';
import { bucketSql, hashNumberSql, keyHashSql, rowHashSql } from './fingerprint/rowHash';
import type { Flavour } from './flavour';
import { keyParts, keysetPredicate, keysetSource } from './keyset';
import { quoteName, quoteText } from './quote';
import { amongSql, fromSample } from './sample';

type Query = (sql: string, signal?: AbortSignal) => Promise<(string | null)[][]>;

/**
 * Verification of tables of a MySQL or MariaDB database. `query` runs a statement in a session pinned to UTC, utf8mb4
 * and an empty sql_mode, and answers text. Nothing here is shared with the row path but the SQL for key ranges, which
 * a count of the whole table holds to account.
 */
export function mysqlVerification(query: Query, flavour: Flavour, database: string): Verifiable {
  const nameOf = (table: PlannedTable): string => `${quoteName(database)}.${quoteName(table.source.name)}`;
  const fromPart = (part: VerificationPart): string =>
    part.range.first === undefined
      ? `${quoteName(database)}.${partSql(part, flavour)}`
      : `(SELECT ${columnList(part.table)} ${fromSample(part.table, part.range, flavour)}) AS sample`;

  return {
    async countRows(table, signal) {
      const rows = await query(`SELECT COUNT(*) FROM ${nameOf(table)}`, signal);
      return Number(rows[0]?.[0]);
    },

    async digestBuckets(part, signal) {
      const { table, bucketCount } = part;
      const sum = `SUM(${hashNumberSql(rowHashSql(table, flavour))})`;
      const grouped = bucketCount > 1;
      const bucket = grouped ? bucketOf(table, bucketCount, flavour) : '0';
      const sql = `SELECT ${bucket}, COUNT(*), ${sum} FROM ${fromPart(part)}${grouped ? ' GROUP BY 1' : ''}`;
      const rows = await query(sql, signal);
      return rows
        .map(([number, count, total]) => ({ bucket: Number(number), rows: Number(count), sum: total ?? '0' }))
        .filter((digest) => digest.rows > 0);
    },

    async digestRows(part, signal) {
      const { table } = part;
      const keys = keyColumns(table).map((column) => wholeCell(column, flavour));
      const cell = keys.length === 0 ? wholeCell : boundedCell;
      const unhashed = unhashedColumns(table).map((column) => cell(column, flavour));
      const grouped = keys.length === 0 && unhashed.length === 0;
      const list = [rowHashSql(table, flavour), grouped ? 'COUNT(*)' : '1', ...keys.flat(), ...unhashed.flat()];
      const rows = await query(
        `SELECT ${list.join(', ')} FROM ${fromPart(part)}${grouped ? ' GROUP BY 1' : firstSql(part)}`,
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
      const key = parts.map((column) => wholeCell(column, flavour));
      const cells = table.columns.map((column) =>
        wholeText || (wholeJson && column.type.kind === 'json')
          ? wholeCell(column, flavour)
          : boundedCell(column, flavour),
      );
      if (parts.length === 0) {
        const hash = rowHashSql(table, flavour);
        const wanted = hashes.map((text) => quoteText(text)).join(', ');
        // Rows of one hash are alike: with an empty sql_mode the server picks one of them.
        const rows = await query(
          `SELECT ${[hash, ...cells.flat()].join(', ')} FROM ${nameOf(table)} WHERE ${hash} IN (${wanted}) GROUP BY 1`,
          signal,
        );
        return rows.map((row) => ({ key: [row[0] ?? ''], values: readCells(cells, row, 1) }));
      }
      const list = [...key.flat(), ...cells.flat()].join(', ');
      const rows = await query(`SELECT ${list} FROM ${nameOf(table)} WHERE ${keysSql(parts, keys, flavour)}`, signal);
      return rows.map((row) => ({ key: readKey(key, row, 0), values: readCells(cells, row, key.length) }));
    },
  };
}

function readKey(cells: readonly Cell[], row: readonly (string | null)[], at: number): RowKey {
  return readCells(cells, row, at).map((text) => text ?? NULL_IN_KEY);
}

/** The table and the condition of a part. */
function partSql({ table, range, bucketCount, buckets, keys, first }: VerificationPart, flavour: Flavour): string {
  const bounded = range.after !== null || range.upTo !== null || first !== undefined;
  const conditions = bounded ? [keysetPredicate(table, range)] : [];
  if (range.among !== undefined) conditions.push(`(${amongSql(table, range.among, flavour)})`);
  if (keys !== null) conditions.push(`(${keysSql(keyColumns(table), keys, flavour)})`);
  if (buckets !== null) conditions.push(`${bucketOf(table, bucketCount, flavour)} IN (${buckets.join(', ')})`);
  const name = bounded ? keysetSource(table) : quoteName(table.source.name);
  return name + (conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`);
}

function firstSql({ table, first }: VerificationPart): string {
  if (first === undefined) return '';
  const key = keyParts(table).map(({ sql }) => sql);
  return ` ORDER BY ${key.join(', ')} LIMIT ${first}`;
}

/** By the key's hash; a table without a key, by the row's own. */
function bucketOf(table: PlannedTable, bucketCount: number, flavour: Flavour): string {
  if (table.chunkKey === null) return bucketSql(rowHashSql(table, flavour), bucketCount);
  const columns = bucketColumns(table);
  return columns.length === 0 ? '0' : bucketSql(keyHashSql(columns, flavour), bucketCount);
}

function columnList({ columns }: PlannedTable): string {
  return columns.map(({ source }) => quoteName(source.name)).join(', ');
}
