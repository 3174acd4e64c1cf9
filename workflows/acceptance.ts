import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import { look } from './activityProxies';
import { rootFailure } from './failures';
import type { Migration } from './migration';
import { showReport } from './reports';
import { hasWayBack } from './wayBack';

/**
 * Looks at the acceptance criteria and keeps what was found, for the details and the report. It informs a decision that
 * is a person's: what cannot be checked is logged, and holds nothing up.
 */
export async function checkAcceptance({ run, epoch, record, input }: Migration): Promise<void> {
  try {
    const different = [...record.verified.values()].filter((table) => table.mismatches > 0);
    const mismatches = Object.fromEntries(different.map((table) => [table.name, table.mismatches]));
    const request = { run, epoch, freeze: record.freeze, takesBack: hasWayBack(input), mismatches };
    record.acceptanceChecks = await look.checkAcceptance.executeWithOptions(
      { summary: 'Check the acceptance criteria' },
      [request],
    );
    record.onChange();
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.error('the acceptance criteria cannot be checked', { reason: rootFailure(error).message });
  }
}

/** Checks, and writes what was found for whoever accepts, for as long as nobody has decided. Call `end` then. */
export function checkWhileAwaited(migration: Migration): { end: () => Promise<void> } {
  const scope = new CancellationScope();
  const checking = scope
    .run(async () => {
      await checkAcceptance(migration);
      await showReport(migration, 'acceptance');
    })
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  return {
    end: () => {
      scope.cancel();
      return checking;
    },
  };
}
