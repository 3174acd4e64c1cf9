import { connectionVariable } from './connectionName';
import { MigrationError } from './errors';

/** A URL that carries a password: `scheme://user:password@host`. */
const URL_WITH_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s@]+@/i;

/**
 * Refuses an input that holds a password anywhere in it, keys included. The message names the variable to set and
 * never repeats what was given, because it ends in the history.
 */
export function refuseSecrets(given: unknown, path: readonly string[] = []): void {
  if (typeof given === 'string') {
    if (URL_WITH_PASSWORD.test(given)) throw secretFound(path);
  } else if (typeof given === 'object' && given !== null) {
    for (const [key, value] of Object.entries(given)) {
      if (URL_WITH_PASSWORD.test(key)) throw secretFound(path);
      refuseSecrets(value, [...path, key]);
    }
  }
}

function secretFound(path: readonly string[]): MigrationError {
  const where = path.join('.') || 'the input';
  const variable = connectionVariable(path[0] === 'source' || path[0] === 'target' ? `my_${path[0]}` : 'name');
  return new MigrationError(
    'INPUT_HAS_SECRET',
    `${where}: a URL with a password was given, and what is given here is kept in the history: change that password. ` +
      `Set the URL on the worker as ${variable} (or ${variable}_FILE) and give the connection's name here instead.`,
  );
}
