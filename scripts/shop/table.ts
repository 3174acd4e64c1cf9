/** A column: how it is declared, and the SQL expression over the row number `n` that fills it. */
export interface ShopColumn {
  readonly name: string;
  readonly definition: string;
  /** Null leaves the column to its default, its counter or its generation. */
  readonly value: string | null;
}

export interface ShopTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly ShopColumn[];
  /** What the table is created with besides its columns: its primary key, a unique key, checks. */
  readonly constraints: readonly string[];
  /** Added once the rows are in: `ADD INDEX …`, `ADD CONSTRAINT … FOREIGN KEY …`, `AUTO_INCREMENT = …`. */
  readonly afterwards: readonly string[];
  readonly options: string;
}

export function column(name: string, definition: string, value: string | null): ShopColumn {
  return { name, definition, value };
}

export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function createStatement(table: ShopTable): string {
  const lines = [
    ...table.columns.map(({ name, definition }) => `${identifier(name)} ${definition}`),
    ...table.constraints,
  ];
  return `CREATE TABLE ${identifier(table.name)} (\n  ${lines.join(',\n  ')}\n) ${table.options}`;
}

/** Inserts the rows numbered `first` to `last`, all made by the server. */
export function insertStatement(table: ShopTable, first: number, last: number): string {
  const filled = table.columns.filter((each) => each.value !== null);
  return `INSERT INTO ${identifier(table.name)} (${filled.map(({ name }) => identifier(name)).join(', ')})
WITH RECURSIVE series (n) AS (SELECT CAST(${first} AS SIGNED) UNION ALL SELECT n + 1 FROM series WHERE n < ${last})
SELECT ${filled.map(({ value }) => value).join(',\n  ')}
FROM series`;
}

export function afterwardsStatement(table: ShopTable): string | null {
  return table.afterwards.length === 0 ? null : `ALTER TABLE ${identifier(table.name)} ${table.afterwards.join(', ')}`;
}
