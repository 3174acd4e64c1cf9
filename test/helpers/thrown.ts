import { MigrationError } from '../../domain/errors';

/** The coded error that `run` throws; fails when it throws none. */
export function thrownBy(run: () => unknown): MigrationError {
  try {
    run();
  } catch (error) {
    if (error instanceof MigrationError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
