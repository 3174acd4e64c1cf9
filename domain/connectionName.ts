import { z } from 'zod';

/** Names a shell can carry in a variable once upper-cased and with `-` as `_`. */
export const connectionNameSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/, {
  error: 'a connection name: a letter, then letters, digits, "-" or "_"',
});

/** The environment variable that holds a connection's URL. */
export function connectionVariable(name: string): string {
  return `MIGRATION_CONNECTION_${name.toUpperCase().replaceAll('-', '_')}`;
}
