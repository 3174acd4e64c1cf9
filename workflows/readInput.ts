import { MigrationError } from '../domain/errors';
import { finalFailure } from './failures';

/** Reads a workflow's input; one that cannot be used ends the workflow at once, before anything is touched. */
export function readInput<Input>(parse: () => Input): Input {
  try {
    return parse();
  } catch (error) {
    throw error instanceof MigrationError ? finalFailure(error) : error;
  }
}
