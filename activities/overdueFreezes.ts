import { MigrationError } from '../domain/errors';
import { openSource, openTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/**
 * Ends freezes whose deadline passed while no worker lived, before this worker takes any task: a source must not stay
 * read-only because nobody was there to undo it. Looks at every target the environment names; one that does not answer
 * now is reported and skipped. Answers the sources made writable.
 */
export async function endOverdueFreezes(
  environment: WorkerEnvironment,
  report: (line: string) => void,
): Promise<string[]> {
  const ended: string[] = [];
  for (const name of environment.connectionNames()) {
    try {
      ended.push(...(await endOverdueOn(environment, name)));
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
      report(`overdue freezes on "${name}" could not be looked for: ${error.message}`);
    }
  }
  return ended;
}

async function endOverdueOn(environment: WorkerEnvironment, targetName: string): Promise<string[]> {
  if (environment.connection(targetName).engine !== 'postgres') return [];
  await using target = await openTarget(environment, targetName);
  const ended: string[] = [];
  for (const { runId, sourceName, found } of await target.control.overdueFreezes()) {
    // Sent back first: whatever still works for this run is fenced off before the source changes again.
    if (!(await target.control.transition(runId, ['open', 'frozen'], 'open'))) continue;
    await target.control.raiseEpoch(runId);
    await using source = await openSource(environment, sourceName);
    await source.unfreeze(found);
    await target.control.clearFreeze(runId, 'end an overdue freeze');
    ended.push(sourceName);
  }
  return ended;
}
