import { sleep } from '@temporalio/workflow';
import type { ExtractionAnswer } from '../domain/activityMessages';
import { counted } from '../domain/format';
import { extracting } from './activityProxies';
import { rootFailure } from './failures';
import type { Migration } from './migration';

/** The source takes no writes meanwhile: after these attempts, or an hour, it does all the same. */
const ATTEMPTS = 4;
const BETWEEN_ATTEMPTS = '5 seconds';
const LONGEST_MS = 3_600_000;

/**
 * Has what was written on the target extracted to files, before the source takes writes again. What cannot be extracted
 * holds the rollback up for some attempts, and is then told: the kept schema has every row of it.
 */
export async function extractWritten(migration: Migration): Promise<void> {
  const { record } = migration;
  const beganAt = Date.now();
  let answer: ExtractionAnswer | null = null;
  let problem: string | null = null;
  for (let attempt = 1; attempt <= ATTEMPTS && Date.now() - beganAt < LONGEST_MS; attempt += 1) {
    if (attempt > 1) await sleep(BETWEEN_ATTEMPTS, { summary: 'Before the extraction is tried again' });
    [answer, problem] = await tryOnce(migration, answer);
    if (problem === null) break;
    record.reminder = `What was written on the target cannot be extracted to files yet (${problem}). It is tried ${counted(ATTEMPTS - attempt, 'time')} more; then the source takes writes all the same, and the rows are in the schema ${record.keptSchema ?? ''} of the target.`;
    record.onChange();
  }
  record.reminder = null;
  tell(migration, answer, problem);
}

async function tryOnce(
  { run, record }: Migration,
  before: ExtractionAnswer | null,
): Promise<[ExtractionAnswer | null, string | null]> {
  try {
    const answer = await extracting.extractWritten.executeWithOptions(
      { summary: 'Extract what was written on the target to files' },
      [{ run, keptSchema: record.keptSchema ?? '', freeze: record.freeze, horizon: record.horizon }],
    );
    const [first] = answer.failed;
    return [answer, first === undefined ? null : `${first.table}: ${first.reason}`];
  } catch (error) {
    return [before, rootFailure(error).message];
  }
}

function tell({ record, run }: Migration, answer: ExtractionAnswer | null, problem: string | null): void {
  const kept = `the schema ${record.keptSchema ?? ''} of the target has every row`;
  record.writtenOnTarget = answer?.written ?? null;
  record.tell(
    'ROWS_WRITTEN_ON_TARGET',
    (answer?.written ?? []).map(({ table, inserted, updated, deleted, path }) => ({
      object: table,
      source: `${inserted} inserted, ${updated} changed, ${deleted} deleted`,
      reason: `the file ${path} on the worker's machine has them; ${kept}`,
    })),
    'info',
  );
  const unnamed = (answer?.tables ?? 0) - (answer?.written.length ?? 0);
  const incomplete = [
    ...(answer?.failed ?? []).map(({ table, reason }) => ({
      object: table,
      source: reason,
      reason: `no file has its rows; ${kept}`,
    })),
    ...(answer === null ? [{ object: run.target, source: problem ?? '', reason: `no file was written; ${kept}` }] : []),
    ...(unnamed > 0
      ? [
          {
            object: run.target,
            source: '',
            reason: `${unnamed} more tables were written to; their files are in the same folder`,
          },
        ]
      : []),
    ...(answer?.frozen === false && answer.tables > 0
      ? [
          {
            object: run.source,
            source: '',
            reason:
              'the source did not stay frozen: what was written there is in the files as if the target had changed it back',
          },
        ]
      : []),
  ];
  record.tell('EXTRACTION_INCOMPLETE', incomplete);
}
