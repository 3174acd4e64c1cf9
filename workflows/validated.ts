import type { z } from 'zod';
import { describeIssues } from '../domain/inputIssues';
import { finalFailure } from './failures';

/** What an update's validator throws: INPUT_INVALID for a body of the wrong shape, DECISION_NOT_DUE with the reason. */
export function validated<Body>(
  schema: z.ZodType<Body>,
  refuse: (body: Body) => string | null,
): (given: unknown) => void {
  return (given) => {
    const body = schema.safeParse(given);
    if (!body.success)
      throw finalFailure({ code: 'INPUT_INVALID', message: describeIssues(body.error, given, schema) });
    const reason = refuse(body.data);
    if (reason !== null) throw finalFailure({ code: 'DECISION_NOT_DUE', message: reason });
  };
}
