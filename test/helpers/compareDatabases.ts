import { query } from './databases';

/** Of a row that differs. */
const SHOWN_CHARACTERS = 2_000;

export interface Column {
  readonly table: string;
  readonly name: string;
  readonly kind: string;
}

/** How a value of each of the source's types is written as the same text on both sides; nothing of the product's is used. */
const TEXTS: readonly {
  readonly kinds: RegExp;
  readonly source: (column: string) => string;
  readonly target: (column: string) => string;
}[] = [
  {
    kinds: /^(tiny|small|medium|big)?int$|^decimal$/,
    source: (column) => `CAST(${column} AS CHAR)`,
    target: (column) => `CASE ${column}::text WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE ${column}::text END`,
  },
  {
    kinds: /^year$/,
    source: (column) => `CAST(${column} + 0 AS CHAR)`,
    target: (column) => `${column}::text`,
  },
  {
    // Of one spelling on both sides, but for the sign of an exponent.
    kinds: /^(float|double)$/,
    source: (column) => `CAST(${column} AS CHAR)`,
    target: (column) => `replace(${column}::text, 'e+', 'e')`,
  },
  {
    kinds: /^bit$/,
    source: (column) => `CAST(${column} + 0 AS CHAR)`,
    target: (column) =>
      `CASE ${column}::text WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE lpad(${column}::text, 64, '0')::bit(64)::bigint::text END`,
  },
  {
    kinds: /^json$/,
    source: (column) => `HEX(CAST(${column} AS CHAR CHARACTER SET utf8mb4))`,
    target: (column) => `upper(encode(convert_to(${column}::text, 'UTF8'), 'hex'))`,
  },
  {
    kinds: /^set$/,
    source: (column) => `HEX(CONVERT(${column} USING utf8mb4))`,
    target: (column) => `upper(encode(convert_to(array_to_string(${column}, ','), 'UTF8'), 'hex'))`,
  },
  {
    kinds: /^time$/,
    source: (column) =>
      `CAST(TIMESTAMPDIFF(MICROSECOND, '2000-01-01', ADDTIME('2000-01-01 00:00:00', ${column})) AS CHAR)`,
    target: (column) => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`,
  },
  {
    kinds: /^(var)?char$|text$|^enum$/,
    source: (column) => `HEX(CONVERT(${column} USING utf8mb4))`,
    target: (column) => `upper(encode(convert_to(${column}::text, 'UTF8'), 'hex'))`,
  },
  {
    kinds: /binary$|blob$/,
    source: (column) => `HEX(${column})`,
    target: (column) => `upper(encode(${column}, 'hex'))`,
  },
  {
    kinds: /^date(time)?$/,
    source: (column) => `DATE_FORMAT(${column}, '%Y-%m-%d %H:%i:%s.%f')`,
    target: (column) => `to_char(${column}, 'YYYY-MM-DD HH24:MI:SS.US')`,
  },
  {
    kinds: /^timestamp$/,
    source: (column) => `CAST(UNIX_TIMESTAMP(${column}) AS DECIMAL(20, 6))`,
    target: (column) => `extract(epoch FROM ${column})::numeric(20, 6)::text`,
  },
];

/**
 * Fails unless both databases hold the same tables with the same rows, as multisets, read by SELECTs of this file's own.
 * Names on the target are the source's in lower case. Answers the number of rows of all tables.
 */
export async function compareDatabases(sourceUrl: string, targetUrl: string, targetSchema = 'public'): Promise<number> {
  const tables = await sourceTables(sourceUrl);
  const onTarget = await query(targetUrl, 'SELECT tablename FROM pg_tables WHERE schemaname = $1', [targetSchema]);
  const differences = setDifferences(
    'table',
    [...tables.keys()].map((table) => table.toLowerCase()),
    onTarget.map(({ tablename }) => String(tablename)),
  );
  let rows = 0;
  if (differences.length === 0) {
    for (const [table, columns] of tables) {
      const { source, target } = await readBoth(sourceUrl, targetUrl, table, columns, targetSchema);
      rows += source.length;
      differences.push(...setDifferences(`row of ${table}`, source, target));
    }
  }
  if (differences.length > 0) throw new Error(`source and target differ:\n${differences.join('\n')}`);
  return rows;
}

/** A table's rows on both sides as lines of one spelling, in no order. */
export async function readBoth(
  sourceUrl: string,
  targetUrl: string,
  table: string,
  columns: readonly Column[],
  targetSchema = 'public',
): Promise<{ source: string[]; target: string[] }> {
  return {
    source: await sourceLines(sourceUrl, table, columns),
    target: await targetLines(targetUrl, targetSchema, table, columns),
  };
}

/** The source's base tables with their columns. */
export async function sourceTables(url: string): Promise<Map<string, Column[]>> {
  const tables = new Map<string, Column[]>();
  for (const column of await sourceColumns(url)) {
    tables.set(column.table, [...(tables.get(column.table) ?? []), column]);
  }
  return tables;
}

async function sourceColumns(url: string): Promise<Column[]> {
  const rows = await query(
    url,
    `SELECT c.TABLE_NAME AS t, c.COLUMN_NAME AS c, c.DATA_TYPE AS kind FROM information_schema.COLUMNS c
     JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
     WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION`,
  );
  return rows.map(({ t, c, kind }) => ({ table: String(t), name: String(c), kind: String(kind) }));
}

async function sourceLines(url: string, table: string, columns: readonly Column[]): Promise<string[]> {
  const texts = columns.map((column) => textOf(column).source(`\`${column.name}\``));
  return lines(await query(url, `SELECT ${lineOf(texts)} AS line FROM \`${table}\``));
}

async function targetLines(url: string, schema: string, table: string, columns: readonly Column[]): Promise<string[]> {
  const texts = columns.map((column) => textOf(column).target(`"${column.name.toLowerCase()}"`));
  return lines(await query(url, `SELECT ${lineOf(texts)} AS line FROM "${schema}"."${table.toLowerCase()}"`));
}

function textOf({ table, name, kind }: Column): (typeof TEXTS)[number] {
  const text = TEXTS.find(({ kinds }) => kinds.test(kind.toLowerCase()));
  if (text === undefined) throw new Error(`${table}.${name}: this comparison knows no text for ${kind}`);
  return text;
}

/** No text of a value holds a blank or a lower-case letter. */
function lineOf(texts: readonly string[]): string {
  return `CONCAT_WS(' ', ${texts.map((text) => `COALESCE(${text}, 'null')`).join(', ')})`;
}

function lines(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map(({ line }) => String(line));
}

/** What one side has more often than the other, in words; the first of each. */
function setDifferences(what: string, source: readonly string[], target: readonly string[]): string[] {
  const surplus = new Map<string, number>();
  for (const line of source) surplus.set(line, (surplus.get(line) ?? 0) + 1);
  for (const line of target) surplus.set(line, (surplus.get(line) ?? 0) - 1);
  const named = (sign: number, side: string): string[] => {
    const only = [...surplus].filter(([, count]) => Math.sign(count) === sign);
    const total = only.reduce((sum, [, count]) => sum + Math.abs(count), 0);
    const shown = only.slice(0, 5).map(([line, count]) => `  ${Math.abs(count)} × ${line.slice(0, SHOWN_CHARACTERS)}`);
    return total === 0 ? [] : [`${total} × a ${what} only on the ${side}:`, ...shown];
  };
  return [...named(1, 'source'), ...named(-1, 'target')];
}
