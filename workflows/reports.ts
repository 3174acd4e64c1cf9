import { isCancellation, log } from '@temporalio/workflow';
import type { ReportPaths } from '../domain/activityMessages';
import type { ReportDraft, ReportStage } from '../domain/report/reportData';
import { describeSwitch } from '../domain/report/switchSteps';
import type { MigrationResult, Outcome } from '../domain/result';
import { quick } from './activityProxies';
import { rootFailure } from './failures';
import type { Migration } from './migration';
import { now } from './record';
import { resultOf } from './resultView';

/** Writes a report for a person who is awaited, in place of an earlier one of the same stage. */
export async function showReport(migration: Migration, stage: 'approval' | 'acceptance'): Promise<void> {
  await write(migration, stage);
}

/** The last report is written when everything else has been said and done; the result names it. */
export async function finalReport(migration: Migration, outcome: Outcome): Promise<MigrationResult> {
  return resultOf(migration, outcome, await write(migration, outcome));
}

async function write(migration: Migration, stage: ReportStage): Promise<ReportPaths | null> {
  const { run, record } = migration;
  try {
    const paths = await quick.writeReport.executeWithOptions({ summary: `Write the report: ${stage}` }, [
      run,
      draftOf(migration, stage),
    ]);
    record.reportPaths = paths;
    record.onChange();
    return paths;
  } catch (error) {
    if (isCancellation(error)) throw error;
    // What has happened must not look failed because its report cannot be written: the result says it all, too.
    log.error('the report cannot be written', { reason: rootFailure(error).message });
    return null;
  }
}

/** Names and counts alone: the plan's findings and the facts of the data wait on the target. */
function draftOf(migration: Migration, stage: ReportStage): ReportDraft {
  const { record, input } = migration;
  const { tables, phases } = resultOf(migration, null, null);
  return {
    stage,
    writtenAt: now(),
    sourceVersion: record.versions.source,
    targetVersion: record.versions.target,
    input: {
      strategy: input.strategy,
      targetSchema: input.targetSchema,
      verify: input.verify,
      approvals: input.cutover.approvals,
      approvalTimeout: input.cutover.approvalTimeout,
      freeze: input.cutover.freeze,
      switchSteps: input.cutover.switch.map(describeSwitch),
      retentionDays: input.retention.days,
    },
    evidence: record.evidence,
    tables,
    findings: [...record.preflightFindings, ...(record.trial?.findings ?? []), ...record.observeFindings],
    risks: record.risks,
    backup: record.backup,
    estimate: record.estimate,
    trial: record.trial,
    freezeMs: record.writePause.ms,
    phases,
    decisions: record.decisions,
    copySamples: record.copySamples,
    acceptanceChecks: record.acceptanceChecks,
    lastFailure: record.lastFailure,
    ...(record.keptSchema === null ? {} : { keptSchema: record.keptSchema }),
    ...(record.observation === null ? {} : { observation: record.observation }),
    ...(record.writtenOnTarget === null ? {} : { writtenOnTarget: record.writtenOnTarget }),
  };
}
