import { createConnection, type Connection } from 'mysql2/promise';
import type { DatabaseSettings } from '../../domain/connection';
import { parseDatabaseUrl } from '../../domain/connectionUrl';

export type ServerAddress = Pick<DatabaseSettings, 'host' | 'port' | 'user' | 'password' | 'database'>;

/** The parts of a database URL. The shop lives on servers of this machine and does without TLS. */
export function serverAddress(url: string): ServerAddress {
  const { host, port, user, password, database } = parseDatabaseUrl('shop', url);
  return { host, port, user, password, database };
}

/**
 * Connects as someone who may create the database, creates it when it is missing, and pins what decides how values are
 * read: the time zone, the character set and a strict sql_mode.
 */
export async function connectToDatabase(url: string): Promise<Connection> {
  const { database, ...server } = serverAddress(url);
  const connection = await createConnection({ ...server, charset: 'utf8mb4' });
  await connection.query(
    "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'",
  );
  await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci', [
    database,
  ]);
  await connection.query('USE ??', [database]);
  return connection;
}
