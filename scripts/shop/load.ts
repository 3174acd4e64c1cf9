import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { ServerFlavour } from './flavour';
import { addHostileRows, type HostileValues } from './hostile';
import { fillTables, inLanes, withLanes } from './lanes';
import { SHOP_VIEW, shopTables } from './schema';
import { afterwardsStatement, createStatement, identifier } from './table';

export interface ShopOptions {
  /** About how many rows in all; 1,000,000 unless given. */
  readonly rows?: number;
  /** Values that a migration must reject or report; none unless asked for. */
  readonly hostile?: HostileValues;
  readonly log?: (line: string) => void;
}

export interface LoadedShop {
  readonly server: ServerFlavour;
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly durationMs: number;
}

/**
 * Creates the shop in the database that the URL names, which is created when missing and must be empty. The server
 * makes all rows itself, the same rows each time. Works with MySQL 8.0 and later and MariaDB 10.6 and later.
 */
export async function loadShop(url: string, options: ShopOptions = {}): Promise<LoadedShop> {
  const log = options.log ?? (() => undefined);
  const started = performance.now();
  return withLanes(url, async (lanes, server) => {
    const [admin] = lanes;
    await refuseTables(admin);
    const tables = shopTables(server, options.rows ?? 1_000_000);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    log(`creating ${tables.length} tables`);
    for (const table of tables) await admin.query(createStatement(table));
    log(`making ${rows.toLocaleString('en')} rows`);
    await fillTables(lanes, tables);
    log('adding indexes and foreign keys');
    await inLanes(lanes, tables.map(afterwardsStatement), async (lane, statement) => {
      if (statement !== null) await lane.query(statement);
    });
    await admin.query(SHOP_VIEW);
    await addHostileRows(admin, options.hostile ?? {});
    // Without it the server takes minutes to know how large the tables have become.
    await admin.query(`ANALYZE TABLE ${tables.map(({ name }) => identifier(name)).join(', ')}`);
    return {
      server,
      tables: Object.fromEntries(tables.map((table) => [table.name, table.rows])),
      rows,
      durationMs: Math.round(performance.now() - started),
    };
  });
}

async function refuseTables(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW TABLES');
  if (rows.length > 0) {
    throw new Error(`The shop needs an empty database, and this one has ${rows.length} tables: give it another name.`);
  }
}
