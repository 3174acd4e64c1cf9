import type { Connection, RowDataPacket } from 'mysql2/promise';

export type Flavour = 'mysql' | 'mariadb';

export interface ServerFlavour {
  readonly flavour: Flavour;
  /** E.g. `9.7.4` or `10.11.18`. */
  readonly version: string;
}

/** Asks a server what it is. MariaDB names itself in VERSION(); MySQL and its builds do not. */
export async function detectFlavour(connection: Connection): Promise<ServerFlavour> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
  const version = String(rows[0]?.['version']);
  return {
    flavour: /mariadb/i.test(version) ? 'mariadb' : 'mysql',
    version: /^[0-9.]*[0-9]/.exec(version)?.[0] ?? version,
  };
}

/** Compares dotted versions number by number: 10.11 is later than 10.6. */
export function isAtLeast(version: string, wanted: string): boolean {
  const have = version.split('.').map(Number);
  for (const [index, part] of wanted.split('.').map(Number).entries()) {
    const difference = (have[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
