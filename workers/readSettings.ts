import type { z } from 'zod';

/** The variables of a schema, read from the environment. Errors: one naming each variable and what it may be. */
export function readSettings<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv): z.output<T> {
  const read = schema.safeParse(env);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the worker's environment is not usable: ${issues.join('; ')}`);
}
