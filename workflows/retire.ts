import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { MigrationResult, Outcome } from '../domain/result';
import { quick } from './activityProxies';
import type { Migration } from './migration';
import { resultOf } from './resultView';
import type { retentionReminder } from './retentionReminder';

/** After acceptance: note it, and leave a reminder of the source that outlives this workflow. The source is never dropped. */
export async function retire({ run, input }: Migration): Promise<void> {
  await quick.closeRun.executeWithOptions({ summary: 'Note the acceptance' }, [run, 'accepted']);
  await startChild<typeof retentionReminder>('retentionReminder', {
    workflowId: `${run.workflowId}/retention`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `Remind of ${input.source} after ${input.retention.days} days`,
    args: [{ source: input.source, days: input.retention.days }],
  });
}

/** The report is written once, when everything else has been said and done. */
export async function writeReport(migration: Migration, outcome: Outcome): Promise<MigrationResult> {
  const { run } = migration;
  const path = await quick.writeReport.executeWithOptions({ summary: 'Write the report' }, [
    run,
    resultOf(migration, outcome, null),
  ]);
  return resultOf(migration, outcome, path);
}
