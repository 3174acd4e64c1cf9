import type {
  ComparisonOptions,
  ComparisonPlan,
  ComparisonWork,
  RunReference,
  VerifyAnswer,
} from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { Finding } from '../domain/finding';
import { rangesBetween, type KeyBound } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import type { TableResult } from '../domain/result';
import type { Source, Target, VerifiedPart } from '../engines/engine';
import { passes } from '../pipeline/verdict';
import { verifyTable } from '../pipeline/verifyTable';
import { activity, type Activity } from './activity';
import { ComparisonMemory } from './compare/memory';
import { planComparison } from './compare/planComparison';
import { openSource, openTarget, withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { capped, renamedColumns } from './plan';
import { refuseSameDatabase } from './preflight';
import { orFinding } from './preflight/login';
import { resultOf, sentences } from './verify';

/** Compares any two databases, without a migration: nothing is made on either. */
export function compareDatabasesActivities(environment: WorkerEnvironment) {
  return {
    planComparison: activity(async (_self, run: RunReference, options: ComparisonOptions): Promise<ComparisonPlan> => {
      environment.connection(run.source);
      environment.connection(run.target);
      const refused: Finding[] = [];
      await using source = await orFinding(run.source, refused, () => openSource(environment, run.source));
      await using target = await orFinding(run.target, refused, () => openTarget(environment, run.target));
      if (source === null || target === null) throw noLogin(refused);
      refuseSameDatabase(run, await source.identity(), await target.identity());
      const { tables, findings } = await planComparison(source, target, options);
      return {
        tables: tables.map((table) => ({
          name: table.source.name,
          targetName: table.targetName,
          columns: renamedColumns(table, target.names.fold),
          rows: table.source.estimatedRows,
          bytes: table.source.bytes,
        })),
        findings: capped(findings, 'and are not listed'),
      };
    }),
    compareTables: activity(async (self, work: ComparisonWork): Promise<VerifyAnswer> =>
      withBoth(environment, work.run, async (source, target) => {
        const planned = await planComparison(source, target, work.options);
        const memory = new ComparisonMemory(self.shownBefore, (shown) => self.show(shown));
        const tables: TableResult[] = [];
        const examples: string[] = [];
        for (const name of work.tables) {
          const table = planned.tables.find((candidate) => candidate.source.name === name);
          if (table === undefined) throw changed(name);
          const compare = () => compareTable(self, memory, work, table, source, target);
          const compared = memory.of(name) ?? (await named(name, compare));
          memory.end(name, compared);
          tables.push(resultOf({ table }, compared));
          if (!passes(compared, work.options.verify.allowedRowDifference)) {
            examples.push(...sentences({ table }, compared));
          }
        }
        return { tables, examples, rejected: [] };
      }),
    ),
  };
}

/** Rows to a part: enough to be worth a query. */
const PART_ROWS = 200_000;
/** Parts of one table: as many as a heartbeat can remember. */
const MAX_PARTS = 500;

async function compareTable(
  self: Activity,
  memory: ComparisonMemory,
  { run, options: { verify } }: ComparisonWork,
  table: PlannedTable,
  source: Source,
  target: Target,
): Promise<VerifiedPart> {
  const rows = table.source.estimatedRows;
  const rowsPerPart = Math.max(PART_ROWS, Math.ceil(rows / MAX_PARTS));
  const cut = table.chunkKey !== null && rows > rowsPerPart;
  const choose = (): Promise<KeyBound[]> =>
    cut ? source.chunkBounds(table, rowsPerPart, self.signal) : Promise.resolve([]);
  const bounds = await memory.begin(table.source.name, choose);
  return verifyTable({
    source,
    target,
    table,
    ranges: rangesBetween(bounds),
    mode: verify.mode,
    samplePercent: verify.samplePercent,
    seed: run.runId,
    done: memory.parts,
    onPart: (part, result) => {
      memory.addPart(part, result);
      return Promise.resolve();
    },
    signal: self.signal,
    heartbeat: () => undefined,
  });
}

/** Of many tables, the one whose comparison a server refuses must be told. */
async function named<T>(table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MigrationError) || error.retryable) throw error;
    throw new MigrationError(error.code, `table ${table} cannot be compared: ${error.message}`, { cause: error });
  }
}

function noLogin(refused: readonly Finding[]): MigrationError {
  const lines = refused.map(({ object, reason }) => `- LOGIN_FAILED ${object}: ${reason}`);
  return new MigrationError('PREFLIGHT_BLOCKED', `the comparison cannot begin:\n${lines.join('\n')}`);
}

function changed(table: string): MigrationError {
  return new MigrationError(
    'PLAN_CHANGED',
    `table ${table} changed, on the source or the target, while they were compared: start again when they rest`,
  );
}
