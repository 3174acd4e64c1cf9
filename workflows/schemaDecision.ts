import type { SchemaStop } from '../domain/liveMessages';
import { finalFailure } from './failures';
import type { Migration } from './migration';

/** A statement has changed a table that is streamed. */
export function decideSchemaChange(_migration: Migration, { statement, tables }: SchemaStop): Promise<void> {
  throw finalFailure({
    code: 'PLAN_CHANGED',
    message: `a statement changed ${tables.join(', ')} on the source while it was streamed: ${statement}`,
  });
}
