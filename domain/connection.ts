/** A database as a worker knows it. Never leaves the worker: no part of it may enter a history, a log or an error. */
export interface DatabaseSettings {
  /** The name a workflow's input uses; the only part that may be shown. */
  readonly name: string;
  readonly engine: 'mysql' | 'mariadb' | 'postgres';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: TlsSettings;
}

/**
 * The same words as libpq's sslmode: `prefer` encrypts when the server can, `require` always and trusts any
 * certificate, `verify-ca` also checks its chain, `verify-full` also its host name.
 */
export interface TlsSettings {
  readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  /** Path of a PEM file with the certificates to trust; null trusts the system's. */
  readonly ca: string | null;
}
