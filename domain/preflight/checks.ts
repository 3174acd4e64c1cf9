import { MigrationError } from '../errors';
import type { Finding } from '../finding';

/** One question of a preflight. It changes nothing, and answers with what a person should know. */
export interface Check {
  /** What is looked at, to follow "cannot look at": `the prepared transactions`. */
  readonly what: string;
  find(): Promise<readonly Finding[]>;
}

/**
 * Makes every check, one after the other, whatever becomes of the others: one that cannot be made is a finding itself.
 * `object` is what the checks are about: a connection's name, or the worker. Errors: CONNECTION_LOST, for then none of
 * the others can be made either, and all of them are made again.
 */
export async function makeChecks(object: string, checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    try {
      findings.push(...(await check.find()));
    } catch (error) {
      if (error instanceof MigrationError && error.code === 'CONNECTION_LOST') throw error;
      findings.push(couldNot(object, check, error));
    }
  }
  return findings;
}

/** An error without a code may quote anything, so only its name is told. */
function couldNot(object: string, { what }: Check, error: unknown): Finding {
  const said = error instanceof MigrationError ? `${error.code}: ${error.message}` : nameOf(error);
  return {
    code: 'CHECK_FAILED',
    severity: 'warning',
    object,
    source: said,
    target: '',
    reason: `cannot look at ${what}: whether they are fit for a migration is not known`,
  };
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'an error without a name';
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
