import { allHandlersFinished, CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import { durationMs } from '../domain/duration';
import { look } from './activityProxies';
import { rootFailure } from './failures';
import type { Migration } from './migration';
import { observe } from './observe';
import { showReport } from './reports';

/**
 * Looks at the acceptance criteria and keeps what was found, for the details and the report. It informs a decision that
 * is a person's: what cannot be checked is logged, and holds nothing up.
 */
export async function checkAcceptance({ run, epoch, record }: Migration): Promise<void> {
  try {
    const different = [...record.verified.values()].filter((table) => table.mismatches > 0);
    const mismatches = Object.fromEntries(different.map((table) => [table.name, table.mismatches]));
    const request = { run, epoch, freeze: record.freeze, mismatches };
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

/**
 * The target is live: it is observed for a time, and the acceptance is awaited. A person may decide from the first moment
 * on, and what is observed may roll back by itself.
 */
export async function awaitDecision(migration: Migration): Promise<'accepted' | 'rolledBack'> {
  const { decisions, record } = migration;
  decisions.awaiting = 'acceptance';
  record.onChange();
  const checks = checkWhileAwaited(migration);
  try {
    await record.during('observe', () => observe(migration));
    if (decisions.rollbackRequest === null) {
      await record.during('awaiting acceptance', () => awaitAcceptance(migration));
    }
    // Rejected rows on their way arrive, or are given up, before anything is undone or told.
    await condition(allHandlersFinished);
    return decisions.accepted ? 'accepted' : 'rolledBack';
  } finally {
    decisions.awaiting = null;
    await checks.end();
  }
}

async function awaitAcceptance({ decisions, record, input }: Migration): Promise<void> {
  const decided = (): boolean => decisions.settled;
  if (await condition(decided, durationMs(input.acceptance.timeout), { summary: 'Wait for the acceptance' })) return;
  record.reminder = `The acceptance has been awaited for ${input.acceptance.timeout}. Nothing is undone by waiting.`;
  record.onChange();
  await condition(decided);
}

/** Checks, and writes what was found for whoever accepts, for as long as nobody has decided. Call `end` then. */
function checkWhileAwaited(migration: Migration): { end: () => Promise<void> } {
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
