import { createConnection } from 'mysql2/promise';

/** What is migrated. */
export interface FaultsSource {
  /** Makes the database's tables and rows; the URL is an administrator's. */
  load(url: string): Promise<void>;
  /** What is on the target when all of it is built. */
  readonly built: { readonly indexes: number; readonly foreignKeys: number; readonly invalid: number };
}

/**
 * A small database with what a copy must cut into chunks in different ways: an integer key, a composite key, a text
 * key, and no key at all; duplicates and NULLs where there is no key; foreign keys, one of them within its table.
 */
const TABLES = `
  CREATE TABLE customers (
    id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, email VARCHAR(60) NOT NULL, name VARCHAR(60), recruiter INT UNSIGNED,
    balance DECIMAL(12,2) NOT NULL, joined DATETIME(6) NOT NULL, picture VARBINARY(40),
    UNIQUE KEY customer_email (email), KEY customer_name (name),
    CONSTRAINT customer_recruiter FOREIGN KEY (recruiter) REFERENCES customers (id));
  CREATE TABLE order_lines (
    customer_id INT UNSIGNED NOT NULL, line SMALLINT NOT NULL, article VARCHAR(40) NOT NULL, quantity INT NOT NULL,
    PRIMARY KEY (customer_id, line), KEY line_article (article),
    CONSTRAINT line_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE);
  CREATE TABLE articles (
    code VARCHAR(40) PRIMARY KEY, title VARCHAR(120), price DECIMAL(10,2), changed TIMESTAMP(3) NULL,
    UNIQUE KEY article_title (title));
  CREATE TABLE journal (
    at DATETIME(3), what VARCHAR(60), amount BIGINT, KEY journal_at (at));`;

export const ROWS = { customers: 4_000, order_lines: 16_000, articles: 5_000, journal: 20_000 } as const;
export const ALL_ROWS = Object.values(ROWS).reduce((sum, rows) => sum + rows, 0);

const LINES_PER_CUSTOMER = ROWS.order_lines / ROWS.customers;

/** The rows 1 to `rows` as a table `n`. */
const numbers = (rows: number): string =>
  `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})`;

const FILL = [
  `INSERT INTO customers (id, email, name, recruiter, balance, joined, picture) ${numbers(ROWS.customers)}
   SELECT n, CONCAT('c', n, '@example.com'), IF(n % 7 = 0, NULL, CONCAT('Kundin Ä', n % 500)), IF(n = 1 OR n % 5 = 0, NULL, n DIV 2),
     (n * 37 % 1000003) / 100 - 4000, TIMESTAMPADD(MICROSECOND, n * 7777777, '2001-02-03 04:05:06'), UNHEX(SHA2(n, 256)) FROM numbers`,
  `INSERT INTO order_lines (customer_id, line, article, quantity) ${numbers(ROWS.order_lines)}
   SELECT (n - 1) DIV ${LINES_PER_CUSTOMER} + 1, (n - 1) % ${LINES_PER_CUSTOMER} - 1, CONCAT('Artikel-', n % 997), n - 8000 FROM numbers`,
  `INSERT INTO articles (code, title, price, changed) ${numbers(ROWS.articles)}
   SELECT CONCAT(IF(n % 2 = 0, 'Größe ', 'size-'), LPAD(n * 7919 % 100003, 6, '0')), CONCAT('Titel 😀 ', n), IF(n % 11 = 0, NULL, n / 4),
     TIMESTAMPADD(SECOND, n * 1009, '2010-01-01 00:00:00.125') FROM numbers`,
  // Each row many times, and some of them all NULL: only a multiset tells whether none is lost or doubled.
  `INSERT INTO journal (at, what, amount) ${numbers(ROWS.journal)}
   SELECT IF(n % 50 = 0, NULL, TIMESTAMPADD(SECOND, n % 1000, '2020-05-05 05:05:05.005')), IF(n % 50 = 0, NULL, CONCAT('Vorgang ', n % 1000)),
     IF(n % 50 = 0, NULL, n % 1000 - 500) FROM numbers`,
];

export const FAULTS_SOURCE: FaultsSource = {
  load: loadFaultsSource,
  built: { indexes: 9, foreignKeys: 2, invalid: 0 },
};

async function loadFaultsSource(url: string): Promise<void> {
  const connection = await createConnection({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    multipleStatements: true,
    charset: 'utf8mb4',
  });
  try {
    const depth = url.startsWith('mariadb:') ? 'max_recursive_iterations' : 'cte_max_recursion_depth';
    await connection.query(`SET SESSION time_zone = '+00:00', ${depth} = ${ALL_ROWS}`);
    await connection.query(TABLES);
    for (const statement of FILL) await connection.query(statement);
    // The sizes that chunks are cut by.
    await connection.query(`ANALYZE TABLE ${Object.keys(ROWS).join(', ')}`);
  } finally {
    await connection.end();
  }
}
