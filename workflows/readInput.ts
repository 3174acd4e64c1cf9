import { MigrationError } from '../domain/errors';
import { finalFailure } from './failures';

/** Reads a workflow's input; one that cannot be used ends the workflow at once, before anything is touched. */
export function readInput<Input>(parse: () => Input): Input {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MigrationError) throw finalFailure(error);
    // Anything else would fail the workflow task, which is tried again for ever.
    const message = `the input could not be read (${error instanceof Error ? error.message : 'no reason is known'}): please report it`;
    throw finalFailure({ code: 'INTERNAL', message });
  }
}
