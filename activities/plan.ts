import { MAX_FINDINGS, type PlanAnswer, type PlanOptions, type RunReference } from '../domain/activityMessages';
import { MigrationError } from '../domain/errors';
import type { Finding, Severity } from '../domain/finding';
import type { PlannedTable, TablePlan } from '../domain/plan';
import { admitRejected } from '../domain/planning/admitRejected';
import { liveFindings } from '../domain/planning/liveFindings';
import { planTables } from '../domain/planning/planTables';
import { selectTables } from '../domain/planning/selectTables';
import type { TableSummary } from '../domain/result';
import type { Catalog, TableFacts } from '../domain/catalog';
import type { Source, Target } from '../engines/engine';
import { activity } from './activity';
import { wayBackFindings } from './wayBackFindings';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { fingerprintOf, sha256 } from './fingerprint';

const GRAVITY: readonly Severity[] = ['blocking', 'question', 'warning', 'info'];

/** Translates the schema and stores the plan; nothing of it is made yet. */
export function planActivities(environment: WorkerEnvironment) {
  return {
    plan: activity(async (_self, run: RunReference, options: PlanOptions): Promise<PlanAnswer> =>
      withBoth(environment, run, async (source, target) => {
        const catalog = await source.introspect();
        const fingerprint = fingerprintOf(selectTables(catalog, options.tables));
        if (fingerprint !== (await target.control.fingerprint(run.runId))) {
          throw new MigrationError(
            'PLAN_CHANGED',
            'the source schema changed between the assessment and the plan: start again when it rests',
          );
        }
        const facts = await target.control.loadFacts(run.runId);
        const { plans, findings: planned } = await planDatabase(catalog, facts, target, options);
        const findings = gravestFirst([...planned, ...(await wayBackFindings(run, options, plans, source, target))]);
        await target.control.savePlan(run.runId, plans, findings);
        await notePosition(run, source, target);
        return {
          tables: plans.map((plan) => summaryOf(plan, facts, target.names.fold)),
          findings: capped(findings, 'in temporal_migrate.findings on the target'),
          digest: digestOf(plans, findings, fingerprint),
        };
      }),
    ),
  };
}

/** Where the source's log stood before anything was made. Nothing needs it, so who may not read it goes without. */
async function notePosition({ runId }: RunReference, source: Source, target: Target): Promise<void> {
  try {
    await target.control.notePosition(runId, 'plan', await source.position());
  } catch (error) {
    if (!(error instanceof MigrationError && error.code === 'PRIVILEGE_MISSING')) throw error;
  }
}

/** What the grants come to; each table's statements are in the plan. */
function grantFindings({ targetGrants, targetSchema }: PlanOptions): Finding[] {
  return targetGrants.map(({ role, privileges }, index) => ({
    code: 'ACCESS_GRANTED',
    severity: 'info',
    object: `targetGrants.${index}`,
    source: '',
    target: `"${role}": USAGE on schema "${targetSchema}"; ${GRANTED[privileges]}`,
    reason: 'granted behind the commit point and before the switch; a rollback takes it away',
  }));
}

const GRANTED = {
  read: 'SELECT on each migrated table',
  readWrite:
    'SELECT, INSERT, UPDATE, DELETE on each migrated table, and USAGE, SELECT on the sequences that number them',
} as const;

/** Translates the schema and looks for what stands in the way; makes and stores nothing. The gravest findings first. */
export async function planDatabase(
  catalog: Catalog,
  facts: ReadonlyMap<string, TableFacts>,
  target: Target,
  options: PlanOptions,
): Promise<{ plans: TablePlan[]; findings: Finding[] }> {
  const planned = planTables(catalog, facts, {
    filter: options.tables,
    mapping: options.mapping,
    targetSchema: options.targetSchema,
    names: target.names,
    parseType: (spelling) => target.parseType(spelling),
  });
  const translated = planned.tables.map((table) => ({ table, ...target.translate(table, options.targetGrants) }));
  const plans: TablePlan[] = translated.map(({ table, ddl }) => ({ table, ddl }));
  const all = [
    ...admitRejected(planned.findings, facts, options.rejectedRows.limit),
    ...(options.strategy === 'live' ? liveFindings(planned.tables) : []),
    ...translated.flatMap(({ findings }) => findings),
    ...(await target.existing(plans)),
    ...grantFindings(options),
  ];
  return { plans, findings: gravestFirst(all) };
}

function gravestFirst(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity));
}

/** What an approval approves, in short. */
export function digestOf(plans: readonly TablePlan[], findings: readonly Finding[], fingerprint: string): string {
  return sha256([plans.map(({ ddl }) => ddl), findings, fingerprint]).slice(0, 12);
}

export function summaryOf(
  { table }: TablePlan,
  facts: ReadonlyMap<string, TableFacts>,
  fold: (name: string) => string,
): TableSummary {
  return {
    name: table.source.name,
    targetName: table.targetName,
    columns: renamedColumns(table, fold),
    rows: facts.get(table.source.name)?.rows ?? table.source.estimatedRows,
    bytes: table.source.bytes,
  };
}

/** The columns whose target name is not simply the folded one. */
export function renamedColumns({ columns }: PlannedTable, fold: (name: string) => string): Record<string, string> {
  const renamed = columns.filter((column) => column.targetName !== fold(column.source.name));
  return Object.fromEntries(renamed.map((column) => [column.source.name, column.targetName]));
}

/** As many findings as a history should carry; `where` all of them are. */
export function capped(findings: readonly Finding[], where: string): Finding[] {
  if (findings.length <= MAX_FINDINGS) return [...findings];
  const reason = `${findings.length - MAX_FINDINGS + 1} more findings stand ${where}`;
  const rest: Finding = { code: 'FINDINGS_TRUNCATED', severity: 'info', object: '', source: '', target: '', reason };
  return [...findings.slice(0, MAX_FINDINGS - 1), rest];
}
