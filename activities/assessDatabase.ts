import { z } from 'zod';
import type { AssessmentOptions, PreflightAnswer, RunReference } from '../domain/activityMessages';
import type { AssessmentEstimate, DatabaseAssessment } from '../domain/assessmentResult';
import type { Table, TableFacts } from '../domain/catalog';
import { MigrationError } from '../domain/errors';
import type { BuildStep, TablePlan } from '../domain/plan';
import { selectTables } from '../domain/planning/selectTables';
import type { Source } from '../engines/engine';
import { activity, type Activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf } from './fingerprint';
import { capped, digestOf, planDatabase, summaryOf } from './plan';
import { writeReportFile } from './reportFile';

/**
 * Assessment and plan in one, for an assessment that runs alone. It makes nothing on either server, the control schema
 * included: what the data proves is kept in the heartbeats instead, and the plan in the report.
 */
export function assessDatabaseActivities(environment: WorkerEnvironment) {
  return {
    assessDatabase: activity(async (self, run: RunReference, options: AssessmentOptions): Promise<DatabaseAssessment> =>
      withBoth(environment, run, async (source, target) => {
        const tables = selectTables(await source.introspect(), options.tables);
        const fingerprint = fingerprintOf(tables);
        const facts = await proveFacts(self, source, tables, fingerprint);
        const catalog = await source.introspect();
        if (fingerprintOf(selectTables(catalog, options.tables)) !== fingerprint) {
          throw new MigrationError(
            'PLAN_CHANGED',
            'the source schema changed while it was assessed: start again when it rests',
          );
        }
        const { plans, findings } = await planDatabase(catalog, facts, target, options);
        const { preflight } = options;
        const told = new Set(preflight.findings.map(({ code, object }) => `${code} ${object}`));
        const news = findings.filter(({ code, object }) => !told.has(`${code} ${object}`));
        const summary = {
          tables: plans.map((plan) => summaryOf(plan, facts, target.names.fold)),
          digest: digestOf(plans, findings, fingerprint),
          statements: countStatements(plans),
        };
        const estimate = estimateOf(summary.tables, preflight.network);
        const reportPath = await writeReportFile(environment, run, {
          ...preflight,
          ...summary,
          estimate,
          findings: [...preflight.findings, ...news],
          plan: plans.map(({ table, ddl }) => ({ name: table.source.name, targetName: table.targetName, ddl })),
        });
        return { ...summary, estimate, findings: capped(news, 'in the report'), reportPath };
      }),
    ),
  };
}

/** More than this of facts in a heartbeat would weigh on every one of them: the others are proved again after a crash. */
const MAX_SHOWN_BYTES = 262_144;

const shownSchema = z.object({ fingerprint: z.string(), facts: z.array(z.tuple([z.string(), z.unknown()])) });

async function proveFacts(
  self: Activity,
  source: Source,
  tables: readonly Table[],
  fingerprint: string,
): Promise<ReadonlyMap<string, TableFacts>> {
  const before = shownSchema.safeParse(self.shownBefore);
  const same = before.success && before.data.fingerprint === fingerprint;
  const facts = new Map(same ? (before.data.facts as [string, TableFacts][]) : []);
  let shownBytes = JSON.stringify([...facts]).length;
  const shown = [...facts];
  for (const [index, table] of tables.entries()) {
    self.show({ table: table.name, done: index, of: tables.length, fingerprint, facts: [...shown] });
    if (facts.has(table.name)) continue;
    const proved = await source.profile(table, self.signal);
    facts.set(table.name, proved);
    shownBytes += JSON.stringify([table.name, proved]).length;
    if (shownBytes <= MAX_SHOWN_BYTES) shown.push([table.name, proved]);
  }
  return facts;
}

function countStatements(plans: readonly TablePlan[]): DatabaseAssessment['statements'] {
  const counts: Partial<Record<BuildStep['kind'], number>> = {};
  for (const { ddl } of plans) {
    for (const { kind } of [...ddl.create, ...ddl.build, ...ddl.foreignKeys]) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function estimateOf(
  tables: DatabaseAssessment['tables'],
  { source, target }: PreflightAnswer['network'],
): AssessmentEstimate {
  const rows = tables.reduce((total, table) => total + table.rows, 0);
  const bytes = tables.reduce((total, table) => total + table.bytes, 0);
  const speeds = [source, target].flatMap((measured) => measured?.megabitsPerSecond ?? []);
  const slowest = Math.min(...speeds);
  const atLeastSeconds = speeds.length > 0 && slowest > 0 ? Math.ceil((bytes * 8) / 1e6 / slowest) : null;
  return { rows, bytes, atLeastSeconds };
}
