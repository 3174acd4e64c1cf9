import { MigrationError } from '../domain/errors';
import type { SourceLookup } from './refreshChildren';

/** In place of a source's lookup where its log has what foreign keys do: nothing is ever read again. */
export const completeLog: SourceLookup = {
  read: () => Promise.reject(needless()),
  position: () => Promise.reject(needless()),
};

function needless(): MigrationError {
  return new MigrationError(
    'INTERNAL',
    'broken promise: the log has what foreign keys do, so that no row is read again',
  );
}
