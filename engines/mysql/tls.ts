import { readFile } from 'node:fs/promises';
import type { SslOptions } from 'mysql2';
import type { DatabaseSettings } from '../../domain/connection';
import { MigrationError } from '../../domain/errors';

/** The driver's TLS options for the connection's mode; undefined asks for none. */
export async function tlsOptions({ name, tls }: DatabaseSettings): Promise<SslOptions | undefined> {
  if (tls.mode === 'disable') return undefined;
  const verify = tls.mode === 'verify-ca' || tls.mode === 'verify-full';
  return {
    rejectUnauthorized: verify,
    verifyIdentity: tls.mode === 'verify-full',
    ...(verify && tls.ca !== null ? { ca: await readCa(name, tls.ca) } : {}),
  };
}

async function readCa(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new MigrationError('CONNECTION_INVALID', `connection "${name}": the file of sslca cannot be read (${code})`);
  }
}
