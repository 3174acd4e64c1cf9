import { long } from './activityProxies';
import { Compensations } from './compensations';
import { together } from './concurrency';
import { applyPace, keepPace } from './copyPhase';
import type { Migration } from './migration';
import { takeStock } from './outlook';

/**
 * Tries the plan on a percentage of the rows, in a scratch schema that is removed however the trial ends. What would
 * stop the cutover stops the migration here. Fails with TRIAL_FAILED.
 */
export async function trialPhase(migration: Migration): Promise<void> {
  const { record, run } = migration;
  const undo = new Compensations();
  undo.register('remove the trial', () =>
    long.removeTrial.executeWithOptions({ summary: 'Remove the trial from the target' }, [run]),
  );
  try {
    await runTrial(migration);
  } finally {
    await undo.run(() => record.onChange());
  }
  takeStock(migration);
}

async function runTrial(migration: Migration): Promise<void> {
  const { record, run, input, decisions } = migration;
  if (decisions.rowsPerSecond !== 0) await applyPace(migration);
  let ended = false;
  const trial = async (): Promise<void> => {
    const { percent } = input.trial;
    try {
      const result = await long.runTrial.executeWithOptions({ summary: `Try ${percent} % of the rows` }, [
        {
          run,
          percent,
          chunkBytes: input.copy.chunkBytes,
          rejectedLimit: input.rejectedRows.limit,
          allowedRowDifference: input.verify.allowedRowDifference,
        },
      ]);
      record.trial = result;
      record.findings.push(...result.findings);
    } finally {
      ended = true;
    }
  };
  await together([trial, () => keepPace(migration, () => ended)]);
}
