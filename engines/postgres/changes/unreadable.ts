import { MigrationError } from '../../../domain/errors';

/** A LOG_UNREADABLE: the change log does not hold what is needed to follow every change. */
export function unreadable(what: string, why: string): MigrationError {
  return new MigrationError('LOG_UNREADABLE', `${what} ${why}`);
}
