export type Flavour = 'mysql' | 'mariadb';

/** Which server a session talks to. MariaDB is a flavour of this engine: what differs asks here. */
export interface Server {
  readonly flavour: Flavour;
  /** E.g. `MySQL 9.7.4` or `MariaDB 10.11.19`. */
  readonly name: string;
  /** The version as one number to compare: 9.7.4 is 90704. */
  readonly version: number;
}

/** The oldest versions that are supported. */
export const OLDEST: Readonly<Record<Flavour, { readonly version: number; readonly name: string }>> = {
  mysql: { version: 80000, name: 'MySQL 8.0' },
  mariadb: { version: 100600, name: 'MariaDB 10.6' },
};

/**
 * Reads what VERSION() and @@version_comment say, e.g. `10.11.19-MariaDB-0+deb12u1` or `8.0.36-28`. A MariaDB behind
 * a proxy may put `5.5.5-` before its own version, so that old clients trust it.
 */
export function readServer(version: string, comment: string): Server {
  const flavour: Flavour = /mariadb/i.test(version) || /mariadb/i.test(comment) ? 'mariadb' : 'mysql';
  const digits = /(\d+)\.(\d+)\.(\d+)/.exec(version.replace(/^5\.5\.5-/, ''));
  const [major, minor, patch] = (digits?.slice(1) ?? ['0', '0', '0']).map(Number) as [number, number, number];
  const brand = flavour === 'mysql' ? 'MySQL' : 'MariaDB';
  return { flavour, name: `${brand} ${major}.${minor}.${patch}`, version: major * 10_000 + minor * 100 + patch };
}
