import { Client } from 'pg';
import type { CorpusColumn, CorpusTable, Expected } from './types';

/** A table of the corpus under the names that a migration gave it. */
export interface Arrived {
  readonly table: CorpusTable;
  readonly targetName: string;
  /** Target names that are not simply the folded ones. */
  readonly columns: Readonly<Record<string, string>>;
}

/** What a table is to be on the target and what it is there, in a form that a test compares at once. */
export interface Comparison {
  readonly expected: unknown;
  readonly found: unknown;
}

/** Looks at what a migration left in PostgreSQL, in one session in which values are spelt as the corpus spells them. */
export class ArrivedTables implements AsyncDisposable {
  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<ArrivedTables> {
    const client = new Client({ connectionString: url, options: '-c TimeZone=UTC -c extra_float_digits=1' });
    await client.connect();
    return new ArrivedTables(client);
  }

  /** Every row, as a multiset. */
  async rows({ table, targetName, columns }: Arrived): Promise<Comparison> {
    const names = table.columns.map(({ name }) => columns[name] ?? name.toLowerCase());
    const texts = names.map((name) => `${this.client.escapeIdentifier(name)}::text`);
    const { rows } = await this.client.query<{ cells: (string | null)[] }>(
      `SELECT ARRAY[${texts.join(', ')}] AS cells FROM ${this.client.escapeIdentifier(targetName)}`,
    );
    const expected = table.expected
      .filter((row) => Object.values(row).every(arrives))
      .map((row) => table.columns.map(({ name }) => arriving(row[name])));
    return { expected: sorted(expected), found: sorted(rows.map(({ cells }) => cells)) };
  }

  /** Types, labels, NOT NULL, what a default gives and the number that comes next, and comments. */
  async columns({ table, targetName, columns }: Arrived): Promise<Comparison> {
    const { rows } = await this.client.query<ColumnRow>(COLUMNS, [targetName]);
    const found = [];
    for (const row of rows) found.push(await this.shapeOf(row));
    const expected = table.columns.map((column) => ({
      name: columns[column.name] ?? column.name.toLowerCase(),
      type: column.type,
      labels: column.labels === undefined ? null : [...new Set(column.labels)],
      notNull: column.notNull && !losesNotNull(table, column),
      byDefault: column.byDefault ?? null,
      next: column.next ?? null,
      comment: column.comment ?? null,
    }));
    return { expected, found };
  }

  private async shapeOf({ name, type, labels, required, expression, sequence, comment }: ColumnRow): Promise<object> {
    const isEnum = labels.length > 0;
    return {
      name,
      type: isEnum ? 'enum' : type,
      labels: isEnum ? labels : null,
      notNull: required,
      byDefault: expression === null ? null : await this.evaluate(expression),
      next: sequence === null ? null : await this.next(sequence),
      comment,
    };
  }

  private async evaluate(expression: string): Promise<unknown> {
    if (CURRENT_TIME.test(expression)) return { currentTime: true };
    const { rows } = await this.client.query<{ value: string | null }>(`SELECT (${expression})::text AS value`);
    return rows[0]?.value;
  }

  private async next(sequence: string): Promise<string> {
    try {
      const { rows } = await this.client.query<{ next: string }>('SELECT nextval($1)::text AS next', [sequence]);
      return String(rows[0]?.next);
    } catch (error) {
      if (/reached maximum value/.test(String(error))) return 'exhausted';
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
  }
}

const CURRENT_TIME = /^(CURRENT_TIMESTAMP|LOCALTIMESTAMP|now\(\))/;

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly required: boolean;
  readonly expression: string | null;
  readonly sequence: string | null;
  readonly comment: string | null;
}

const COLUMNS = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
         ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = a.atttypid ORDER BY enumsortorder) AS labels,
         pg_get_expr(d.adbin, d.adrelid) AS expression,
         pg_get_serial_sequence(format('%I', $1::text), a.attname) AS sequence,
         col_description(a.attrelid, a.attnum) AS comment
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = format('%I', $1::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

function arriving(expected: Expected | undefined): string | null {
  if (typeof expected === 'object' && expected !== null) return expected.becomes ?? null;
  return expected ?? null;
}

function arrives(expected: Expected): boolean {
  return typeof expected !== 'object' || expected === null || expected.rejected !== 'always';
}

/** A value that becomes NULL by a policy takes the column's NOT NULL with it. */
function losesNotNull(table: CorpusTable, { name }: CorpusColumn): boolean {
  return table.expected.some((row) => {
    const value = row[name] ?? null;
    return arrives(value) && arriving(value) === null;
  });
}

function sorted(rows: readonly (readonly (string | null)[])[]): string[] {
  return rows.map((cells) => JSON.stringify(cells)).sort();
}
