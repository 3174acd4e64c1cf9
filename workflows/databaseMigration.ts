import { CancellationScope, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import { parseMigrationInput } from '../domain/input';
import type { MigrationResult, Outcome } from '../domain/result';
import { long, quick } from './activityProxies';
import { ChangeStream } from './changeStream';
import { Compensations } from './compensations';
import { decideAndCutOver } from './decideAndCutOver';
import { Decisions } from './decisions';
import { showDetails } from './details';
import { endingOf, finalFailure } from './failures';
import { resumed } from './hold';
import { migrateLive } from './liveMigration';
import { progress, report } from './messages';
import { allTables, workOn, type Migration } from './migration';
import { takeStock } from './outlook';
import { lookAtBoth } from './preflightPhase';
import { progressOf } from './progressView';
import { readInput } from './readInput';
import { MigrationRecord } from './record';
import { resultOf } from './resultView';
import { finalReport } from './reports';
import { retire } from './retire';
import { listenForRetries } from './retryRejected';
import { makeSearchable } from './searchable';
import { trialPhase } from './trialPhase';
import { goBack, WayBack } from './wayBack';

/**
 * Moves a database from source to target: look, plan, try, prepare (live: copy, follow, compare), wait for approval, cut
 * over, wait for acceptance. What does not go through is undone, newest first, and ends as it was.
 */
export async function databaseMigration(given: unknown): Promise<MigrationResult> {
  const migration = begin(given);
  const { record, input } = migration;
  let outcome: Outcome;
  try {
    await makeSearchable(migration);
    await preflight(migration);
    await assess(migration);
    await plan(migration);
    await backup(migration);
    await trial(migration);
    await prepareTarget(migration);
    outcome = await (input.strategy === 'live' ? migrateLive(migration) : decideAndCutOver(migration));
  } catch (error) {
    await record.during('compensation', () => undoAll(migration));
    record.enter('done');
    throw endingOf(error, 'migration');
  }
  // What has been decided is carried out: from here on neither a failure nor a cancellation undoes anything.
  return CancellationScope.nonCancellable(async () => {
    if (outcome === 'accepted') await record.during('retire', () => retire(migration));
    else await record.during('compensation', () => undoAll(migration));
    record.enter('done');
    return finalReport(migration, outcome);
  });
}

/** With everything that was written on the target, where there is a way back; then newest first. */
async function undoAll(migration: Migration): Promise<void> {
  await CancellationScope.nonCancellable(() => goBack(migration));
  await migration.compensations.run(() => migration.record.onChange());
}

function begin(given: unknown): Migration {
  const input = readInput(() => parseMigrationInput(given));
  const { workflowId } = workflowInfo();
  const record = new MigrationRecord();
  const decisions = new Decisions(record, input.cutover.approvals, input.copy.rowsPerSecond);
  decisions.listen();
  const migration: Migration = {
    run: { runId: uuid4(), workflowId, source: input.source, target: input.target },
    input,
    record,
    decisions,
    compensations: new Compensations(),
    epoch: 0,
    stream: new ChangeStream(),
    wayBack: new WayBack(),
    returned: false,
    schemaChanges: 0,
    compared: null,
  };
  // A query is answered as of when it is asked, and not as of the last event; what it answers decides nothing.
  setHandler(progress, () => progressOf(record, decisions, workflowInfo().unsafe.now()));
  setHandler(report, () => resultOf(migration, null, null));
  listenForRetries(migration);
  record.onChange = () => showDetails(workflowId, input, record, decisions);
  return migration;
}

async function preflight(migration: Migration): Promise<void> {
  const { record, run, input } = migration;
  await record.during('preflight', async () => {
    const answer = await lookAtBoth(run, input);
    record.findings.push(...answer.findings);
    record.preflightFindings = answer.findings;
    record.versions = { source: answer.sourceVersion, target: answer.targetVersion };
    stopWhenBlocked(migration, 'preflight');
  });
}

async function assess(migration: Migration): Promise<void> {
  await resumed(migration);
  migration.compensations.register('close the run', () =>
    quick.closeRun.executeWithOptions({ summary: 'Note that the migration ended' }, [migration.run, 'aborted']),
  );
  await migration.record.during('assessment', async () => {
    const answer = await long.assess.executeWithOptions({ summary: 'Count the rows and look at the values' }, [
      migration.run,
      migration.input.tables,
    ]);
    migration.epoch = answer.epoch;
  });
}

async function plan(migration: Migration): Promise<void> {
  await resumed(migration);
  const { record, run, input } = migration;
  await record.during('plan', async () => {
    const answer = await long.plan.executeWithOptions({ summary: 'Translate the schema' }, [
      run,
      {
        strategy: input.strategy,
        tables: input.tables,
        mapping: input.mapping,
        targetSchema: input.targetSchema,
        rejectedRows: input.rejectedRows,
        targetGrants: input.targetGrants,
        reverse: input.reverse,
        freeze: input.cutover.freeze,
      },
    ]);
    record.tables = answer.tables;
    record.findings.push(...answer.findings);
    record.evidence = answer.digest;
    takeStock(migration);
    stopWhenBlocked(migration, 'the plan');
  });
}

/** Of what the target holds already; nothing where it is empty. */
async function backup(migration: Migration): Promise<void> {
  await resumed(migration);
  const { record, run, input, compensations, epoch } = migration;
  if (input.backup.mode === 'none') return;
  compensations.register('clear the backup', () =>
    long.clearBackup.executeWithOptions({ summary: 'Remove what an unfinished backup left' }, [run]),
  );
  await record.during('backup', async () => {
    const summary = 'Back up what the target holds, and restore it into a scratch database';
    record.backup = await long.backupTarget.executeWithOptions({ summary }, [{ run, epoch }]);
  });
}

async function trial(migration: Migration): Promise<void> {
  if (migration.input.trial.percent === 0) return;
  await resumed(migration);
  await migration.record.during('trial', () => trialPhase(migration));
}

async function prepareTarget(migration: Migration): Promise<void> {
  await resumed(migration);
  const { record, run, compensations } = migration;
  compensations.register('drop what was made', () =>
    long.dropMade.executeWithOptions({ summary: 'Remove what this migration made on the target' }, [run]),
  );
  await record.during('prepareTarget', async () => {
    await long.prepareTarget.executeWithOptions({ summary: `Create ${record.tables.length} tables` }, [
      workOn(migration, allTables(migration)),
    ]);
  });
}

function stopWhenBlocked({ record }: Migration, where: string): void {
  const blocking = record.findings.filter((finding) => finding.severity === 'blocking');
  if (blocking.length === 0) return;
  const lines = blocking
    .slice(0, 20)
    .map(
      (finding) =>
        `- ${finding.code} ${finding.object}: ${finding.reason}${finding.target === '' ? '' : `: ${finding.target}`}`,
    );
  const more = blocking.length > lines.length ? `\n- and ${blocking.length - lines.length} more` : '';
  throw finalFailure({
    code: 'PREFLIGHT_BLOCKED',
    message: `${where} found what must be mended first; nothing was made:\n${lines.join('\n')}${more}`,
  });
}
