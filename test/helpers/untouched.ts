import { queryEach } from './databases';

/** Everything of a MySQL's databases, accounts and settings that a migration could change, in one text. */
const SOURCE = [
  `SELECT table_schema AS a, table_name AS b, engine AS c, table_comment AS d, auto_increment AS e
     FROM information_schema.tables WHERE table_schema NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
     ORDER BY 1, 2`,
  `SELECT table_schema AS a, table_name AS b, column_name AS c, column_type AS d, is_nullable AS e
     FROM information_schema.columns WHERE table_schema NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
     ORDER BY 1, 2, ordinal_position`,
  `SELECT user AS a, host AS b, account_locked AS c FROM mysql.user ORDER BY 1, 2`,
  `SELECT grantee AS a, table_catalog AS b, privilege_type AS c FROM information_schema.user_privileges ORDER BY 1, 3`,
  `SELECT grantee AS a, table_schema AS b, privilege_type AS c FROM information_schema.schema_privileges ORDER BY 1, 2, 3`,
  `SELECT @@global.read_only AS a, @@global.super_read_only AS b`,
];

/** The same of a PostgreSQL database. Names with a system's prefix are left out, and so is what passes by itself. */
const TARGET = [
  `SELECT nspname AS a, nspacl::text AS b FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)' ORDER BY 1`,
  `SELECT relnamespace::regnamespace::text AS a, relname AS b, relkind::text AS c, relacl::text AS d FROM pg_class
     WHERE relnamespace::regnamespace::text !~ '^pg_' ORDER BY 1, 2`,
  `SELECT typnamespace::regnamespace::text AS a, typname AS b FROM pg_type WHERE typnamespace::regnamespace::text !~ '^pg_'
     ORDER BY 1, 2`,
  `SELECT proname AS a FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`,
];

/** Of the tables of a database by name, what their rows come to. */
const ROWS_OF_SOURCE = 'CHECKSUM TABLE items, orders';

/** A text that is the same again as long as nothing was touched. */
export async function stateOf(sourceUrl: string, targetUrl: string): Promise<string> {
  const [source, target] = await Promise.all([
    queryEach(sourceUrl, [...SOURCE, ROWS_OF_SOURCE]),
    queryEach(targetUrl, TARGET),
  ]);
  return JSON.stringify([source, target], null, 1);
}
