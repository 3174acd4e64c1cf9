import { setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import { readinessOf, type AssessmentResult, type DatabaseAssessment } from '../domain/assessmentResult';
import type { PreflightAnswer, RunReference } from '../domain/activityMessages';
import { parseMigrationInput, type MigrationInput } from '../domain/input';
import { long } from './activityProxies';
import { runAlone, showAlone } from './alone';
import { Decisions } from './decisions';
import { progress, report } from './messages';
import { lookAtBoth } from './preflightPhase';
import { progressOf } from './progressView';
import { readInput } from './readInput';
import { MigrationRecord } from './record';

/**
 * Preflight, assessment and plan of a migration, alone and with its input: what it would find, make and take. Nothing is
 * made on either server, the control schema included.
 */
export async function databaseAssessment(given: unknown): Promise<AssessmentResult> {
  const input = readInput(() => parseMigrationInput(given));
  const { workflowId } = workflowInfo();
  const run = { runId: uuid4(), workflowId, source: input.source, target: input.target };
  const record = new MigrationRecord();
  let known: Partial<AssessmentResult> = {};
  // Nobody decides anything here: they only make the progress look as a migration's.
  const decisions = new Decisions(record, 1, 0);
  setHandler(progress, () => progressOf(record, decisions, Date.now()));
  setHandler(report, () => ({ ...known, findings: record.findings, phases: record.finishedPhases }));
  record.onChange = () => showAlone(`Assessment of ${input.source} → ${input.target}`, workflowId, record);
  const result = await runAlone('assessment', async () => {
    const preflight = await record.during('preflight', () => lookAtBoth(run, input));
    record.findings.push(...preflight.findings);
    const assessed = await record.during('assessment', () => assess(run, input, preflight));
    record.tables = assessed?.tables ?? [];
    record.findings.push(...(assessed?.findings ?? []));
    record.evidence = assessed?.digest ?? null;
    return resultOf(record, preflight, assessed);
  });
  known = result;
  record.enter('done');
  return result;
}

/** Null without a login to both servers: then the findings of the preflight are all there is to tell. */
async function assess(
  run: RunReference,
  { strategy, tables, mapping, targetSchema, rejectedRows, targetGrants, reverse, cutover }: MigrationInput,
  preflight: PreflightAnswer,
): Promise<DatabaseAssessment | null> {
  if (preflight.findings.some(({ code }) => code === 'LOGIN_FAILED')) return null;
  const summary = 'Count the rows, look at the values, translate the schema; nothing is made';
  return long.assessDatabase.executeWithOptions({ summary }, [
    run,
    {
      ...{ strategy, tables, mapping, targetSchema, rejectedRows, targetGrants, reverse, preflight },
      freeze: cutover.freeze,
    },
  ]);
}

function resultOf(
  record: MigrationRecord,
  { sourceVersion, targetVersion, network }: PreflightAnswer,
  assessed: DatabaseAssessment | null,
): AssessmentResult {
  return {
    outcome: readinessOf(record.findings),
    sourceVersion,
    targetVersion,
    tables: record.tables,
    findings: record.findings,
    digest: assessed?.digest ?? null,
    statements: assessed?.statements ?? {},
    estimate: assessed?.estimate ?? null,
    network,
    phases: record.finishedPhases,
    reportPath: assessed?.reportPath ?? null,
  };
}
