import type { BuildStep, TablePlan } from '../../domain/plan';
import type { RunWork } from '../engine';
import { buildError } from './buildErrors';
import type { PostgresSession } from './connection';
import { fence, takeLane, leaveLane } from './control/lanes';
import type { MadeEntry, MadeLog, MadeObject } from './control/made';
import { keyOf, madeBy, madeSchema, presenceQuery } from './madeObjects';
import { quoteName } from './quote';

export interface PlannedStep {
  readonly plan: TablePlan;
  readonly step: BuildStep;
}

/** Any number will do that nobody else locks: two lanes must not both make the schema. */
const SCHEMA_LOCK = '6403920117733250915';

/**
 * Runs the steps that are not done yet, each in one transaction with its entry in the made log: after a crash a step
 * is either done and logged, or not there at all. `onStep` is called after each, also when it was done before.
 * Errors: EPOCH_STALE, BUILD_FAILED, and those of the session.
 */
export async function runSteps(
  session: PostgresSession,
  made: MadeLog,
  work: RunWork,
  steps: readonly PlannedStep[],
  onStep: () => void,
): Promise<void> {
  await takeLane(session, work);
  for (const schema of new Set(steps.map(({ plan }) => plan.table.targetSchema))) {
    await ensureSchema(session, made, work, schema);
  }
  const objects = steps.map(({ plan, step }) => madeBy(plan, step));
  const done = new Map<string, MadeEntry>();
  for (const entry of await made.list(
    work.runId,
    objects.map(({ name }) => name),
  ))
    done.set(keyOf(entry), entry);
  for (const [position, planned] of steps.entries()) {
    const object = objects[position];
    if (object) await runStep(session, made, work, planned, object, done.get(keyOf(object)));
    onStep();
  }
  await leaveLane(session, work);
}

async function ensureSchema(session: PostgresSession, made: MadeLog, work: RunWork, schema: string): Promise<void> {
  await session.transaction(async () => {
    await fence(session, work);
    await session.query(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`);
    const found = await session.query('select 1 from pg_namespace where nspname = $1', [schema]);
    if (found.length > 0) return;
    const object = madeSchema(schema);
    await session.query(`CREATE SCHEMA ${quoteName(schema)}`);
    await made.record(work.runId, object);
  });
}

async function runStep(
  session: PostgresSession,
  made: MadeLog,
  work: RunWork,
  { plan, step }: PlannedStep,
  object: MadeObject,
  entry: MadeEntry | undefined,
): Promise<void> {
  await session.transaction(async () => {
    await fence(session, work);
    if (entry) {
      if (await isPresent(session, plan, step)) return;
      // Somebody removed what had been made: the entry is spent, and the step is made again.
      await made.markUndone(work.runId, entry.id);
    }
    await session.query(step.sql).catch((error: unknown) => {
      throw buildError(error, plan, step);
    });
    await made.record(work.runId, object);
  });
}

async function isPresent(session: PostgresSession, plan: TablePlan, step: BuildStep): Promise<boolean> {
  const query = presenceQuery(plan, step);
  return query === null || (await session.query(...query)).length > 0;
}
