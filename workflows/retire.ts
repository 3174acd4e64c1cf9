import { log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { checkAcceptance } from './acceptance';
import { quick } from './activityProxies';
import type { Migration } from './migration';
import type { retentionReminder } from './retentionReminder';

/** After acceptance: look once more, note it, and leave a reminder of the source that outlives this workflow. The source is never dropped. */
export async function retire(migration: Migration): Promise<void> {
  const { run, input } = migration;
  await checkAcceptance(migration);
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
