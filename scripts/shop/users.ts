import { Client } from 'pg';
import { createConnection } from 'mysql2/promise';
import { serverAddress } from './connect';

/**
 * Makes an ordinary user that may read and write the shop's rows and nothing else, on the source.
 * `adminUrl` names the shop's database; answers the URL with which the user logs in to it.
 */
export async function createSourceUser(adminUrl: string, user: string, password: string): Promise<string> {
  const { database, ...server } = serverAddress(adminUrl);
  const connection = await createConnection(server);
  try {
    await connection.query('CREATE USER ?@? IDENTIFIED BY ?', [user, '%', password]);
    await connection.query('GRANT SELECT, INSERT, UPDATE, DELETE ON ??.* TO ?@?', [database, user, '%']);
  } finally {
    await connection.end();
  }
  return withUser(adminUrl, user, password);
}

/**
 * Makes a role that may log in to the target's database. What it may read and write there is the migration's to grant
 * (`targetGrants`).
 */
export async function createTargetUser(adminUrl: string, user: string, password: string): Promise<string> {
  const client = new Client(serverAddress(adminUrl));
  await client.connect();
  try {
    await client.query(`CREATE ROLE ${client.escapeIdentifier(user)} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  } finally {
    await client.end();
  }
  return withUser(adminUrl, user, password);
}

function withUser(url: string, user: string, password: string): string {
  const own = new URL(url);
  own.username = encodeURIComponent(user);
  own.password = encodeURIComponent(password);
  return own.href;
}
