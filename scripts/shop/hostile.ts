import type { Connection } from 'mysql2/promise';

/** What a migration must reject, report or be told how to handle. */
export interface HostileValues {
  /** Dates that do not exist, one of them in a column that is never NULL. */
  readonly zeroDates?: boolean;
  /** NUL characters in text, and in JSON's escaped form. */
  readonly nulCharacters?: boolean;
  /** The empty string that a server stores for a label it does not know. */
  readonly invalidEnums?: boolean;
  /** Rows that refer to rows which are not there. */
  readonly orphans?: boolean;
}

const STATEMENTS: Readonly<Record<keyof HostileValues, readonly string[]>> = {
  zeroDates: [
    "UPDATE customers SET birth_date = '0000-00-00' WHERE id = 3",
    "UPDATE customers SET birth_date = '1970-00-00' WHERE id = 4",
    "UPDATE coupons SET valid_from = '0000-00-00' WHERE code = 'SAVE0000002'",
    "UPDATE orders SET placed_at = '0000-00-00 00:00:00' WHERE id = 1002",
    "UPDATE products SET updated_at = '0000-00-00 00:00:00' WHERE id = 5",
  ],
  nulCharacters: [
    "UPDATE products SET description = CONCAT('before', CHAR(0), 'after') WHERE id = 2",
    `UPDATE carts SET content = '{"note":"before\\\\u0000after"}' ORDER BY id LIMIT 1`,
  ],
  invalidEnums: ["UPDATE addresses SET kind = 'nowhere' WHERE id = 6"],
  orphans: [
    'UPDATE shipments SET order_id = 1 WHERE id = 7',
    'UPDATE reviews SET customer_id = 4000000000 WHERE id = 8',
  ],
};

/** Changes a few rows of a loaded shop, with the server's own checks out of the way. */
export async function addHostileRows(connection: Connection, values: HostileValues): Promise<void> {
  await connection.query("SET SESSION sql_mode = '', foreign_key_checks = 0");
  for (const [kind, statements] of Object.entries(STATEMENTS)) {
    if (values[kind as keyof HostileValues] !== true) continue;
    for (const statement of statements) await connection.query(statement);
  }
}
