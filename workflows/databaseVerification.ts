import { defineQuery, setHandler, uuid4, workflowInfo } from '@temporalio/workflow';
import type { RunReference } from '../domain/activityMessages';
import { parseVerificationInput, type VerificationInput } from '../domain/input';
import type { TableResult } from '../domain/result';
import { groupTables } from '../domain/tableGroups';
import type { VerificationProgress, VerificationResult } from '../domain/verificationResult';
import { long, quick } from './activityProxies';
import { runAlone, showAlone } from './alone';
import { inPool } from './concurrency';
import { report } from './messages';
import { readInput } from './readInput';
import { MigrationRecord } from './record';

/** Under the name that a migration's progress has, with what a comparison has to tell. */
const comparisonProgress = defineQuery<VerificationProgress>('progress');

/** Tables of less than this share an activity. */
const LARGE_BYTES = 33_554_432;
/** How many activities compare at once; each has two connections to the target and one to the source. */
const PARALLELISM = 4;

interface Comparison {
  readonly run: RunReference;
  readonly input: VerificationInput;
  readonly record: MigrationRecord;
  readonly mismatches: string[];
}

/**
 * Compares any two databases alone, whoever moved the rows: what the mapping says of names and values, in the types that
 * the target has. Nothing is made on either; nothing may be written to them meanwhile, or it shows as a difference.
 */
export async function databaseVerification(given: unknown): Promise<VerificationResult> {
  const input = readInput(() => parseVerificationInput(given));
  const { workflowId } = workflowInfo();
  const run = { runId: uuid4(), workflowId, source: input.source, target: input.target };
  const record = new MigrationRecord();
  const comparison: Comparison = { run, input, record, mismatches: [] };
  setHandler(comparisonProgress, () => progressOf(comparison));
  setHandler(report, () => resultOf(comparison, null));
  record.onChange = () =>
    showAlone(`Comparison of ${input.source} and ${input.target}`, workflowId, record, [
      ...comparison.mismatches.slice(0, 10).map((line) => `- ${line}`),
      '',
    ]);
  const result = await runAlone('comparison', async () => {
    await record.during('preflight', () => plan(comparison));
    await record.during('verify', () => compare(comparison));
    const summary = 'Write the report';
    const path = await quick.writeComparison.executeWithOptions({ summary }, [run, resultOf(comparison, null)]);
    return resultOf(comparison, path);
  });
  record.enter('done');
  return result;
}

async function plan({ run, input, record }: Comparison): Promise<void> {
  const summary = 'Find the tables and columns of both';
  const planned = await long.planComparison.executeWithOptions({ summary }, [run, optionsOf(input)]);
  record.tables = planned.tables;
  record.findings.push(...planned.findings);
}

async function compare({ run, input, record, mismatches }: Comparison): Promise<void> {
  await inPool(groupTables(record.tables, LARGE_BYTES, 1), PARALLELISM, async ({ label, tables }) => {
    const what = tables.length === 1 ? label : `${tables.length} tables`;
    const summary = `Compare ${what} (${input.verify.mode})`;
    const answer = await long.compareTables.executeWithOptions({ summary }, [
      { run, options: optionsOf(input), tables },
    ]);
    for (const table of answer.tables) record.verified.set(table.name, table);
    mismatches.push(...answer.examples);
    record.onChange();
  });
}

function optionsOf({ tables, mapping, targetSchema, verify }: VerificationInput) {
  return { tables, mapping, targetSchema, verify };
}

function resultOf({ input, record, mismatches }: Comparison, reportPath: string | null): VerificationResult {
  const tables = record.tables.flatMap(({ name, columns }): TableResult[] => {
    const verified = record.verified.get(name);
    return verified === undefined ? [] : [{ ...verified, columns }];
  });
  const whole =
    tables.length === record.tables.length && record.findings.every(({ severity }) => severity !== 'blocking');
  const alike = tables.every((table) => table.mismatches <= input.verify.allowedRowDifference);
  return {
    outcome: whole && alike ? 'equal' : 'different',
    tables,
    mismatches,
    findings: record.findings,
    phases: record.finishedPhases,
    reportPath,
  };
}

function progressOf({ record }: Comparison): VerificationProgress {
  const tables = record.tables.map(({ name, rows }) => {
    const done = record.verified.get(name);
    return {
      name,
      rowsTotal: done?.sourceRows ?? rows,
      rowsVerified: done?.verifiedRows ?? 0,
      mismatches: done?.mismatches ?? 0,
      done: done !== undefined,
    };
  });
  const total = (of: (table: (typeof tables)[number]) => number): number =>
    tables.reduce((sum, table) => sum + of(table), 0);
  const [bytes, bytesDone] = [
    record.tables.reduce((sum, table) => sum + table.bytes, 0),
    record.tables.reduce((sum, table) => sum + (record.verified.has(table.name) ? table.bytes : 0), 0),
  ];
  return {
    phase: record.phase,
    tables,
    tablesDone: tables.filter(({ done }) => done).length,
    tablesTotal: tables.length,
    rowsVerified: total(({ rowsVerified }) => rowsVerified),
    mismatches: total(({ mismatches }) => mismatches),
    percent: record.phase === 'done' ? 100 : bytes === 0 ? 0 : Math.round((1_000 * bytesDone) / bytes) / 10,
    findings: record.findings.length,
    waitingFor: null,
  };
}
