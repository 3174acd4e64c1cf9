import { createConnection, type Connection } from 'mysql2/promise';
import { parseDatabaseUrl } from '../../domain/connectionUrl';
import type { PlannedTable } from '../../domain/plan';
import type { Position } from '../../domain/position';
import type { ChangeSink, Source } from '../../engines/engine';
import { mysqlEngine } from '../../engines/mysql';
import { plannedAsIs } from '../plannedAsIs';
import { startMariadb, startMysql } from '../servers';
import { loadMixedTable, MIXED_TABLE } from './mixedTable';
import { timed } from './stage';

/** The rows' own database, and the one in whose log they are read. */
const LOADED = 'loaded';
const FOLLOWED = 'followed';
const ROWS_PER_STATEMENT = 10_000;
/** The first one warms up. */
const READINGS = 3;

const SERVERS = [
  ['MySQL', startMysql, []],
  ['MySQL, transactions compressed', startMysql, ['SET binlog_transaction_compression = ON']],
  ['MariaDB', startMariadb, []],
] as const;

/** How fast inserted rows of 13 mixed columns come out of the binary log, as a SELECT would give them. */
export async function benchChangeLog(rows: number): Promise<string[]> {
  const lines = [`binary log, ${rows.toLocaleString('en')} inserted rows of the mixed table, read without a target`];
  for (const [name, start, settings] of SERVERS) {
    const server = await start();
    try {
      const seconds = await benchServer((database) => server.url(database), rows, settings);
      lines.push(
        `  ${name.padEnd(36)}  ${seconds.toFixed(2)} s   ${Math.round(rows / seconds).toLocaleString('en')} rows/s`,
      );
    } finally {
      await server.remove();
    }
  }
  return lines;
}

async function benchServer(
  url: (database?: string) => string,
  rows: number,
  settings: readonly string[],
): Promise<number> {
  await loadMixedTable(url(LOADED), rows);
  const session = await createConnection({ uri: url().replace(/^mariadb:/, 'mysql:') });
  await session.query(`CREATE DATABASE ${FOLLOWED}`);
  await session.query(`CREATE TABLE ${FOLLOWED}.${MIXED_TABLE} LIKE ${LOADED}.${MIXED_TABLE}`);
  for (const sql of settings) await session.query(sql);
  const opened = await mysqlEngine.openSource?.(parseDatabaseUrl('source', url(FOLLOWED)));
  if (opened === undefined) throw new Error('the engine opens sources');
  await using source = opened;
  const from = await source.position();
  await copyRows(session, rows);
  await session.end();
  const tables = (await source.introspect()).tables.map((table) => plannedAsIs(table, null));
  let seconds = Infinity;
  for (let reading = 0; reading < READINGS; reading++) {
    seconds = Math.min(seconds, await timed(() => readRows(source, tables, from, rows)));
  }
  return seconds;
}

async function copyRows(session: Connection, rows: number): Promise<void> {
  for (let after = 0; after < rows; after += ROWS_PER_STATEMENT) {
    await session.query(
      `INSERT INTO ${FOLLOWED}.${MIXED_TABLE} SELECT * FROM ${LOADED}.${MIXED_TABLE} WHERE id > ? AND id <= ?`,
      [after, after + ROWS_PER_STATEMENT],
    );
  }
}

/** Ends behind the last row. */
async function readRows(source: Source, tables: PlannedTable[], from: Position, rows: number): Promise<void> {
  const controller = new AbortController();
  const done = new Error('done');
  let read = 0;
  const sink: ChangeSink = {
    begin: () => undefined,
    change: () => read++,
    end: () => {
      if (read >= rows) controller.abort(done);
    },
    idle: () => undefined,
    pressure: () => null,
  };
  try {
    await source.changes?.stream({ tables, from, signal: controller.signal }, sink);
  } catch (error) {
    if (error !== done) throw error;
  }
}
