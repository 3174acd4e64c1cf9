import type { Connection, RowDataPacket } from 'mysql2/promise';
import { connectToDatabase } from './connect';
import { detectFlavour, type ServerFlavour } from './flavour';
import { addHostileRows, type HostileValues } from './hostile';
import { SHOP_VIEW, shopTables } from './schema';
import { afterwardsStatement, createStatement, insertStatement, type ShopTable } from './table';

export interface ShopOptions {
  /** About how many rows in all; 1,000,000 unless given. */
  readonly rows?: number;
  /** Values that a migration must reject or report; none unless asked for. */
  readonly hostile?: HostileValues;
  readonly log?: (line: string) => void;
}

export interface LoadedShop {
  readonly server: ServerFlavour;
  /** By name; hostile rows are not counted. */
  readonly tables: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly durationMs: number;
}

/** As many rows as one INSERT makes: enough to be quick, and no transaction that hurts. */
const ROWS_PER_INSERT = 50_000;

/** Two sessions fill tables at the same time; more do not help on two cores. */
const LANES = 2;

/**
 * Creates the shop in the database that the URL names, which is created when missing and must be empty. The server
 * makes all rows itself, the same rows each time. Works with MySQL 8.0 and later and MariaDB 10.6 and later.
 */
export async function loadShop(url: string, options: ShopOptions = {}): Promise<LoadedShop> {
  const log = options.log ?? (() => undefined);
  const started = performance.now();
  const lanes: Connection[] = [];
  try {
    for (let lane = 0; lane < LANES; lane += 1) lanes.push(await connectToDatabase(url));
    const [admin] = lanes as [Connection];
    await refuseTables(admin);
    const server = await detectFlavour(admin);
    const tables = shopTables(server, options.rows ?? 1_000_000);
    await Promise.all(lanes.map((lane) => prepareLane(lane, server)));
    for (const table of tables) await admin.query(createStatement(table));
    await inLanes(lanes, largestFirst(tables), async (lane, table) => {
      await fill(lane, table);
      log(`${table.name}: ${table.rows.toLocaleString('en')} rows`);
    });
    await inLanes(lanes, largestFirst(tables), async (lane, table) => {
      const statement = afterwardsStatement(table);
      if (statement !== null) await lane.query(statement);
    });
    await admin.query(SHOP_VIEW);
    await addHostileRows(admin, options.hostile ?? {});
    return {
      server,
      tables: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])),
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      durationMs: Math.round(performance.now() - started),
    };
  } finally {
    await Promise.all(lanes.map((lane) => lane.end()));
  }
}

async function refuseTables(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW TABLES');
  if (rows.length > 0) {
    throw new Error(`The shop needs an empty database, and this one has ${rows.length} tables: give it another name.`);
  }
}

/** Foreign keys hold because of how the rows are made; checking each would only take time. */
async function prepareLane(connection: Connection, { flavour }: ServerFlavour): Promise<void> {
  const depth = flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  await connection.query(`SET SESSION foreign_key_checks = 0, unique_checks = 0, ${depth} = ${ROWS_PER_INSERT}`);
}

async function fill(connection: Connection, table: ShopTable): Promise<void> {
  for (let first = 1; first <= table.rows; first += ROWS_PER_INSERT) {
    const last = Math.min(table.rows, first + ROWS_PER_INSERT - 1);
    await connection.query(insertStatement(table, first, last));
  }
}

function largestFirst(tables: readonly ShopTable[]): ShopTable[] {
  return [...tables].sort((a, b) => b.rows - a.rows);
}

/** Each lane takes the next table until none is left. */
async function inLanes(
  lanes: readonly Connection[],
  tables: ShopTable[],
  work: (lane: Connection, table: ShopTable) => Promise<void>,
): Promise<void> {
  await Promise.all(
    lanes.map(async (lane) => {
      for (let table = tables.shift(); table !== undefined; table = tables.shift()) await work(lane, table);
    }),
  );
}
