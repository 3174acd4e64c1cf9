import type { Connection } from 'mysql2/promise';
import { connectToDatabase } from './connect';
import { detectFlavour, type ServerFlavour } from './flavour';
import { insertStatement, type ShopTable } from './table';

/** As many rows as one INSERT makes: enough to be quick, and no transaction that hurts. */
const ROWS_PER_INSERT = 50_000;

/** Sessions that work at the same time; more than two do not help on two cores. */
const LANES = 2;

/**
 * Opens the sessions that fill tables, in the database that the URL names, and hands them to `work`. They check no
 * foreign keys: those hold because of how the rows are made, and checking each would only take time.
 */
export async function withLanes<T>(
  url: string,
  work: (lanes: readonly [Connection, ...Connection[]], server: ServerFlavour) => Promise<T>,
): Promise<T> {
  const first = await connectToDatabase(url);
  const lanes: [Connection, ...Connection[]] = [first];
  try {
    while (lanes.length < LANES) lanes.push(await connectToDatabase(url));
    const server = await detectFlavour(first);
    const depth = server.flavour === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
    for (const lane of lanes) {
      await lane.query(`SET SESSION foreign_key_checks = 0, unique_checks = 0, ${depth} = ${ROWS_PER_INSERT}`);
    }
    return await work(lanes, server);
  } finally {
    await Promise.all(lanes.map((lane) => lane.end()));
  }
}

/** Each lane takes the next piece of work until none is left. */
export async function inLanes<Piece>(
  lanes: readonly Connection[],
  pieces: readonly Piece[],
  work: (lane: Connection, piece: Piece) => Promise<void>,
): Promise<void> {
  const queue = pieces.values();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const piece of queue) await work(lane, piece);
    }),
  );
}

/** Makes the rows of the tables, the largest table first. */
export async function fillTables(lanes: readonly Connection[], tables: readonly ShopTable[]): Promise<void> {
  const largestFirst = [...tables].sort((a, b) => b.rows - a.rows);
  const statements = largestFirst.flatMap((table) =>
    Array.from({ length: Math.ceil(table.rows / ROWS_PER_INSERT) }, (_, index) =>
      insertStatement(table, index * ROWS_PER_INSERT + 1, Math.min(table.rows, (index + 1) * ROWS_PER_INSERT)),
    ),
  );
  await inLanes(lanes, statements, async (lane, statement) => {
    await lane.query(statement);
  });
}
