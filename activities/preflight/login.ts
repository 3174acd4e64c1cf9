import { MigrationError } from '../../domain/errors';
import type { Finding } from '../../domain/finding';

const LOGIN_ERRORS: ReadonlySet<string> = new Set([
  'CONNECTION_FAILED',
  'CONNECTION_INVALID',
  'CONNECTION_LOST',
  'LOGIN_REFUSED',
  'PRIVILEGE_MISSING',
  'SERVER_BUSY',
]);

/** What `open` opens, or null with a finding that says why not. Errors: those that are not the login's. */
export async function orFinding<T>(name: string, findings: Finding[], open: () => Promise<T>): Promise<T | null> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof MigrationError) || !LOGIN_ERRORS.has(error.code)) throw error;
    findings.push({
      code: 'LOGIN_FAILED',
      severity: 'blocking',
      object: name,
      source: error.code,
      target: '',
      reason: error.message,
    });
    return null;
  }
}
