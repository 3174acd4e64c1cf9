import type { RunReference } from '../domain/activityMessages';
import type { Table } from '../domain/catalog';
import { MigrationError } from '../domain/errors';
import type { MigrationInput } from '../domain/input';
import type { TablePlan } from '../domain/plan';
import { selectTables } from '../domain/planning/selectTables';
import { listChanges, schemaChanges } from '../domain/schemaChanges';
import type { Source, Target } from '../engines/engine';
import { fingerprintOf } from './fingerprint';

/** Whose plan is looked at again. */
export interface PlannedRun {
  readonly run: RunReference;
  readonly filter: MigrationInput['tables'];
}

/** The source's tables as they are now, which must be as they were planned. Errors: PLAN_CHANGED. */
export async function plannedTables({ run, filter }: PlannedRun, source: Source, target: Target): Promise<Table[]> {
  const tables = selectTables(await source.introspect(), filter);
  if (fingerprintOf(tables) === (await target.control.fingerprint(run.runId))) return tables;
  const planned = (await target.control.loadPlan(run.runId, null)).map(({ table }) => table.source);
  const changes = listChanges(schemaChanges(planned, tables));
  throw new MigrationError(
    'PLAN_CHANGED',
    `the source schema is no longer the one that was planned, so what was approved is void${changes === '' ? '' : `: ${changes}`}. ` +
      'Start a new migration when the schema rests',
  );
}

/**
 * Nothing moves under the freeze: the schema must be the planned one, and the counters of automatically numbered
 * columns are as they will be handed on, with the plan that is stored and answered. Errors: PLAN_CHANGED.
 */
export async function readPlanAgain(planned: PlannedRun, source: Source, target: Target): Promise<TablePlan[]> {
  const { runId } = planned.run;
  const tables = await plannedTables(planned, source, target);
  const plans = await target.control.loadPlan(runId, null);
  const counted = plans.map(({ table, ddl }) => {
    const now = tables.find(({ name }) => name === table.source.name);
    const columns = table.columns.map((column) => {
      const identity = now?.columns.find(({ name }) => name === column.source.name)?.identity ?? null;
      return { ...column, source: { ...column.source, identity } };
    });
    const again = { ...table, columns };
    return { table: again, ddl: { ...target.translate(again).ddl, grants: ddl.grants } };
  });
  await target.control.savePlan(runId, counted, await target.control.loadFindings(runId));
  return counted;
}
