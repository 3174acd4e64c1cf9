/** Writers share every table; what one of them changes has its number as `owner`. */
export const WRITERS = 8;
/** Rows that are there before anybody writes: what the copy takes its time for. */
export const STOCK_ROWS = 24_000;

/** Accounts with purchases, and these with lines, which go with them; and one row a writer that counts its transactions. */
export const CHAOS_TABLES = `
  CREATE TABLE account (
    id BIGINT PRIMARY KEY, owner INT NOT NULL, name VARCHAR(60) COLLATE utf8mb4_bin NOT NULL, balance DECIMAL(30,6),
    note MEDIUMTEXT, doc JSON, changed DATETIME(6), kind ENUM('a','ß','c'), picture MEDIUMBLOB, UNIQUE KEY one_name (name));
  CREATE TABLE purchase (
    id BIGINT PRIMARY KEY, owner INT NOT NULL, account_id BIGINT, quantity INT UNSIGNED, KEY by_account (account_id),
    CONSTRAINT of_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE line (
    purchase_id BIGINT, line SMALLINT, owner INT NOT NULL, text VARCHAR(200), PRIMARY KEY (purchase_id, line),
    CONSTRAINT of_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE hint (
    id BIGINT PRIMARY KEY, owner INT NOT NULL, account_id BIGINT,
    CONSTRAINT of_hint FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE);
  CREATE TABLE stock (id BIGINT PRIMARY KEY, owner INT NOT NULL, amount BIGINT NOT NULL, label VARCHAR(40) NOT NULL);
  CREATE TABLE mark (owner INT PRIMARY KEY, done BIGINT NOT NULL)`;

/** Fills what is there at first, in statements of a size that any server takes. */
export function fillStatements(): string[] {
  const stock = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, place) => stockRow(from + place)).join(', ');
  const fills: string[] = [];
  for (let from = 0; from < STOCK_ROWS; from += 2_000)
    fills.push(`INSERT INTO stock VALUES ${stock(from, from + 2_000)}`);
  const marks = Array.from({ length: WRITERS }, (_, owner) => `(${owner}, 0)`);
  return [...fills, `INSERT INTO mark VALUES ${marks.join(', ')}`];
}

export const stockLabel = (id: number): string => `Größe ${id} 漢字`;

function stockRow(id: number): string {
  return `(${id}, ${id % WRITERS}, 0, '${stockLabel(id)}')`;
}
