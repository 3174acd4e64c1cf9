import type { z } from 'zod';
import { MigrationError } from '../domain/errors';
import { finalFailure } from './failures';
import { readBody } from './readBody';

/**
 * What an update's validator throws: INPUT_INVALID or INPUT_HAS_SECRET for a body that cannot be, DECISION_NOT_DUE with
 * the reason.
 */
export function validated<Body>(
  schema: z.ZodType<Body>,
  refuse: (body: Body) => string | null,
): (given: unknown) => void {
  return (given) => {
    const body = readBody(schema, given);
    if (body instanceof MigrationError) throw finalFailure(body);
    const reason = refuse(body);
    if (reason !== null) throw finalFailure({ code: 'DECISION_NOT_DUE', message: reason });
  };
}
