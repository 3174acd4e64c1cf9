import { activityTables } from './activity';
import { shareOut } from './counts';
import type { ServerFlavour } from './flavour';
import { goodsTables } from './goods';
import { peopleTables } from './people';
import { salesTables } from './sales';
import { sessionsTable } from './sessions';
import type { ShopTable } from './table';

const OPTIONS = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci';

/**
 * The shop's tables, with about `rows` rows in all. Between them they have every type of MySQL and MariaDB that a
 * migration handles, and the names, keys and references that make one stumble.
 */
export function shopTables(server: ServerFlavour, rows: number): ShopTable[] {
  const counts = shareOut(rows);
  return [
    ...peopleTables(counts, OPTIONS),
    ...goodsTables(counts, OPTIONS),
    ...salesTables(counts, OPTIONS),
    ...activityTables(counts, OPTIONS),
    sessionsTable(counts, OPTIONS, server),
  ];
}

/** Not a table: a migration names it in its findings, or translates it. */
export const SHOP_VIEW = `CREATE VIEW order_totals AS
SELECT o.id, o.reference, COUNT(*) AS line_count, SUM(i.quantity * i.unit_price) AS total
FROM orders o JOIN order_items i ON i.order_id = o.id
GROUP BY o.id, o.reference`;
