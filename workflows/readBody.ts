import type { z } from 'zod';
import { MigrationError } from '../domain/errors';
import { describeIssues } from '../domain/inputIssues';
import { refuseUnreadable } from '../domain/inputSecrets';

/** A message's body as its schema gives it, or INPUT_INVALID or INPUT_HAS_SECRET with what is wrong about it. */
export function readBody<Body>(schema: z.ZodType<Body>, given: unknown): Body | MigrationError {
  try {
    refuseUnreadable(given);
  } catch (error) {
    if (error instanceof MigrationError) return error;
    throw error;
  }
  const body = schema.safeParse(given);
  return body.success ? body.data : new MigrationError('INPUT_INVALID', describeIssues(body.error, given, schema));
}
