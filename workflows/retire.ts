import { log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { MigrationResult, Outcome } from '../domain/result';
import { quick } from './activityProxies';
import type { Migration } from './migration';
import { rootFailure } from './failures';
import { resultOf } from './resultView';
import type { retentionReminder } from './retentionReminder';

/** After acceptance: note it, and leave a reminder of the source that outlives this workflow. The source is never dropped. */
export async function retire({ run, input }: Migration): Promise<void> {
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

/** The report is written once, when everything else has been said and done. */
export async function writeReport(migration: Migration, outcome: Outcome): Promise<MigrationResult> {
  const { run } = migration;
  const result = resultOf(migration, outcome, null);
  try {
    const path = await quick.writeReport.executeWithOptions({ summary: 'Write the report' }, [run, result]);
    return resultOf(migration, outcome, path);
  } catch (error) {
    // What has happened must not look failed because its report cannot be written: the result says it all, too.
    log.error('the report cannot be written', { reason: rootFailure(error).message });
    return result;
  }
}
