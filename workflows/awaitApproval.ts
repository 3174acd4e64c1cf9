import { condition, log } from '@temporalio/workflow';
import { durationMs } from '../domain/duration';
import { pointInTime, timeSpan } from '../domain/format';
import type { Migration } from './migration';
import { decidedWithin } from './reminders';
import { showReport } from './reports';
import { isCompared } from './verifyWhileWritten';

/**
 * Waits for as many people as the input asks for. One who rejects ends it as long as not all have approved. Without them
 * it ends by itself, as `aborted`. A pause holds the cutover and that ending, not a rejection. `changed`: what was to be
 * approved is not true any more, and must be looked at again.
 */
export async function awaitApproval(migration: Migration): Promise<'approved' | 'rejected' | 'aborted' | 'changed'> {
  const { decisions, input, record } = migration;
  await showReport(migration, 'approval');
  const timeoutMs = durationMs(input.cutover.approvalTimeout);
  const startedAt = Date.now();
  const endsAt = new Date(startedAt + timeoutMs).toISOString();
  decisions.awaiting = 'approval';
  record.endsAt = endsAt;
  record.onChange();
  try {
    await decidedWithin(timeoutMs, {
      decided: () => decisions.approved || decisions.rejected || isChanged(migration),
      summary: 'Wait for the approval',
      remind: () => {
        record.reminder = `The approval has been awaited for ${timeSpan(Date.now() - startedAt)}; without it everything that was made is undone at ${pointInTime(endsAt)}.`;
        log.warn(record.reminder);
        record.onChange();
      },
    });
    await condition(() => decisions.rejected || (!decisions.paused && !decisions.awaitsSchema));
    if (decisions.rejected) return 'rejected';
    if (isChanged(migration)) return 'changed';
    return decisions.approved ? 'approved' : 'aborted';
  } finally {
    decisions.awaiting = null;
    record.endsAt = null;
    record.reminder = null;
  }
}

/** A schema change has been followed: nothing that was compared before it counts. */
function isChanged(migration: Migration): boolean {
  const { input, record } = migration;
  return input.strategy === 'live' && record.schemaProposal === null && !isCompared(migration);
}
