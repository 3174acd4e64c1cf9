import type { Cell, CorpusColumn, CorpusTable, Expected, Policy } from './types';

type ColumnExtras = Pick<CorpusColumn, 'labels' | 'byDefault' | 'next' | 'comment'>;

export function column(name: string, definition: string, type: string, extras: ColumnExtras = {}): CorpusColumn {
  const notNull = /\b(NOT NULL|PRIMARY KEY|SERIAL)\b/i.test(definition);
  const comment = extras.comment === undefined ? '' : ` COMMENT ${quoted(extras.comment)}`;
  return { name, definition: `${definition}${comment}`, type, notNull, ...extras };
}

/** The usual key: an integer, so that a table's rows are told apart by something harmless. */
export const ID = column('id', 'int NOT NULL', 'integer');

/** A column of an enum; the type's name on the target is the migration's to choose. */
export function enumColumn(
  name: string,
  labels: readonly string[],
  rest = '',
  extras: ColumnExtras = {},
): CorpusColumn {
  return column(name, `enum(${labels.map(quoted).join(',')}) ${rest}`.trim(), 'enum', { labels, ...extras });
}

export interface TableSpec {
  readonly name: string;
  readonly covers: readonly string[];
  readonly columns: readonly CorpusColumn[];
  /** Lines of CREATE TABLE after the columns; a PRIMARY KEY on the first column unless given. */
  readonly constraints?: readonly string[];
  /** The names of the key's columns; the first column unless given. */
  readonly key?: readonly string[];
  readonly options?: string;
  /** One cell a column, in order. */
  readonly rows: readonly (readonly Cell[])[];
  /** Stores what a strict server refuses, such as labels that do not exist. */
  readonly lenient?: boolean;
  /** More statements for the session, and after the rows. */
  readonly sessionSql?: readonly string[];
  readonly afterwards?: readonly string[];
  /** Rows that `afterwards` adds. */
  readonly more?: readonly Readonly<Record<string, Expected>>[];
  readonly orphans?: readonly string[];
  readonly comment?: string;
}

/** Rows of one INSERT: an INSERT of all rows would be too long for the larger tables. */
const ROWS_PER_INSERT = 100;

export function table(spec: TableSpec): CorpusTable {
  const first = spec.columns[0]?.name ?? '';
  const constraints = spec.constraints ?? [`PRIMARY KEY (${name(first)})`];
  const lines = [...spec.columns.map((each) => `${name(each.name)} ${each.definition}`), ...constraints];
  const comment = spec.comment === undefined ? '' : ` COMMENT=${quoted(spec.comment)}`;
  const inserted = spec.rows.map((cells) =>
    Object.fromEntries(spec.columns.map((each, index) => [each.name, cellOf(cells, index)[1]])),
  );
  const expected = [...inserted, ...(spec.more ?? [])];
  const rejections = expected.flatMap((row) => Object.values(row)).flatMap(rejectionOf);
  return {
    name: spec.name,
    covers: spec.covers,
    sessionSql: [...SESSION, ...(spec.lenient === true ? [LENIENT] : []), ...(spec.sessionSql ?? [])],
    createSql: `CREATE TABLE ${name(spec.name)} (\n  ${lines.join(',\n  ')}\n) ${spec.options ?? OPTIONS}${comment}`,
    insertSql: [...insertStatements(spec), ...(spec.afterwards ?? [])],
    columns: spec.columns,
    key: spec.key ?? (constraints.length === 0 ? [] : [first]),
    expected,
    policies: [...new Set(rejections.filter((each): each is Policy => each !== 'always'))],
    alwaysRejected: expected.filter((row) => Object.values(row).some((each) => rejectionOf(each)[0] === 'always'))
      .length,
    ...(spec.orphans === undefined ? {} : { orphans: spec.orphans }),
    ...(spec.comment === undefined ? {} : { comment: spec.comment }),
  };
}

const OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';
const SESSION = [
  'SET NAMES utf8mb4',
  "SET SESSION time_zone = '+00:00', foreign_key_checks = 0",
  // Zero dates and partial ones pass, anything else that does not fit is an error.
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'",
];
const LENIENT = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'";

function insertStatements({ name: tableName, columns, rows }: TableSpec): string[] {
  const statements: string[] = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const values = rows
      .slice(start, start + ROWS_PER_INSERT)
      .map((cells) => `(${columns.map((_, index) => cellOf(cells, index)[0] ?? 'DEFAULT').join(', ')})`);
    const names = columns.map((each) => name(each.name)).join(', ');
    statements.push(`INSERT INTO ${name(tableName)} (${names}) VALUES\n${values.join(',\n')}`);
  }
  return statements;
}

function cellOf(cells: readonly Cell[], index: number): Cell {
  const cell = cells[index];
  if (cell === undefined) throw new Error('a row of the corpus has fewer cells than its table has columns');
  return cell;
}

function rejectionOf(expected: Expected): (Policy | 'always')[] {
  return typeof expected === 'object' && expected !== null ? [expected.rejected] : [];
}

export function name(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``;
}

export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`;
}
