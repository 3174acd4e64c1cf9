import { log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { checkAcceptance } from './acceptance';
import { look, quick } from './activityProxies';
import { rootFailure } from './failures';
import type { Migration } from './migration';
import type { retentionReminder } from './retentionReminder';
import { hasWayBack, reverseWork } from './wayBack';

/** After acceptance: look once more, note it, and leave a reminder of the source that outlives this workflow. The source is never dropped. */
export async function retire(migration: Migration): Promise<void> {
  const { run, input } = migration;
  await checkAcceptance(migration);
  await endWayBack(migration);
  await quick.closeRun.executeWithOptions({ summary: 'Note the acceptance' }, [run, 'accepted']);
  try {
    await startChild<typeof retentionReminder>('retentionReminder', {
      workflowId: `${run.workflowId}/retention`,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Remind of ${input.source} after ${input.retention.days} days`,
      args: [{ source: input.source, days: input.retention.days }],
    });
  } catch (error) {
    // An earlier migration of this id has left its reminder, which goes on.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.warn('the reminder of an earlier migration with this id is still running', { workflowId: run.workflowId });
  }
}

/** A source that is gone already keeps nobody from accepting. */
async function endWayBack(migration: Migration): Promise<void> {
  if (!hasWayBack(migration.input)) return;
  await migration.wayBack.end();
  try {
    await look.dropWayBack.executeWithOptions({ summary: 'End the way back' }, [reverseWork(migration)]);
  } catch (error) {
    migration.record.tell('CHECK_FAILED', [
      {
        object: 'reverse',
        source: rootFailure(error).message,
        reason:
          'what the way back made may be left: its slot and publication on the target, temporal_migrate on the source',
      },
    ]);
  }
}
