import { query } from '../databases';
import { name } from './build';
import type { CorpusColumn, CorpusTable, Expected } from './types';

/** A cell said in a way that both sides can be brought to; null is NULL. */
type Said = string | null;

/**
 * The rows that a source stores, said by the source's own functions and not by a migration, and the rows that the
 * corpus says it stores, both sorted. Columns with a value that PostgreSQL cannot hold are left out: for those the
 * corpus says what must not arrive.
 */
export async function readBack(url: string, table: CorpusTable): Promise<{ stored: string[]; meant: string[] }> {
  const columns = table.columns.filter((column) => table.expected.every((row) => !isRejected(row[column.name])));
  const selected = columns.map((column, index) => `${expression(column)} AS c${index}`);
  const rows = await query(url, `SELECT ${['1 AS one', ...selected].join(', ')} FROM ${name(table.name)}`);
  const said = (cells: readonly Said[]) => JSON.stringify(cells);
  return {
    stored: rows.map((row) => said(columns.map((column, index) => storedCell(column, row[`c${index}`])))).sort(),
    meant: table.expected.map((row) => said(columns.map((column) => meantCell(column, row[column.name])))).sort(),
  };
}

export function isRejected(expected: Expected | undefined): expected is Exclude<Expected, string | null> {
  return typeof expected === 'object' && expected !== null;
}

type Family =
  'text' | 'bytes' | 'bits' | 'boolean' | 'number' | 'real' | 'double' | 'time' | 'opaque' | 'inet' | 'plain';

function familyOf({ type, labels }: CorpusColumn): Family {
  if (labels !== undefined || /^(character varying|text$)/.test(type)) return 'text';
  if (type === 'bytea') return 'bytes';
  if (type.startsWith('bit(')) return 'bits';
  if (/^(time|interval)/.test(type)) return 'time';
  // Both servers spell JSON and sets in their own way; only whether there is a value is compared here.
  if (type === 'jsonb' || type === 'text[]') return 'opaque';
  if (type === 'boolean' || type === 'real' || type === 'inet') return type;
  if (type === 'double precision') return 'double';
  return /^(numeric|smallint|integer|bigint)/.test(type) ? 'number' : 'plain';
}

const EXPRESSIONS: Readonly<Record<Family, (column: string) => string>> = {
  text: (column) => `HEX(CONVERT(${column} USING utf8mb4))`,
  bytes: (column) => `HEX(${column})`,
  bits: (column) => `BIN(${column} + 0)`,
  boolean: (column) => `CAST(${column} + 0 AS CHAR)`,
  number: (column) => `CAST(${column} AS CHAR)`,
  real: (column) => `CAST(CAST(${column} AS DOUBLE) AS CHAR)`,
  double: (column) => `CAST(${column} AS CHAR)`,
  time: (column) => `CAST(${column} AS CHAR)`,
  opaque: (column) => `IF(${column} IS NULL, NULL, '')`,
  inet: (column) => `CAST(${column} AS CHAR)`,
  plain: (column) => `CAST(${column} AS CHAR)`,
};

function expression(column: CorpusColumn): string {
  return EXPRESSIONS[familyOf(column)](name(column.name));
}

function storedCell(column: CorpusColumn, stored: unknown): Said {
  if (typeof stored !== 'string') return null;
  const family = familyOf(column);
  if (family === 'boolean') return stored === '1' ? 'true' : 'false';
  return common(family, stored);
}

function meantCell(column: CorpusColumn, expected: Expected | undefined): Said {
  if (typeof expected !== 'string') return null;
  const family = familyOf(column);
  if (family === 'text') return Buffer.from(expected).toString('hex').toUpperCase();
  if (family === 'bytes') return expected.slice(2).toUpperCase();
  if (family === 'opaque') return '';
  if (family === 'inet') return expected.replace(/\/\d+$/, '');
  return common(family, expected.replace(/\+00$/, family === 'time' ? '' : '$&'));
}

/** Leaves out the zeros and the spelling that say nothing. */
function common(family: Family, text: string): string {
  if (family === 'real') return String(Math.fround(Number(text)));
  if (family === 'double') return String(Number(text));
  if (family === 'time') return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  return family === 'number' || family === 'bits' ? text.replace(/^(-?)0+(?=\d)/, '$1') : text;
}
