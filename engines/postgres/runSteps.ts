import { assert } from '../../domain/errors';
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

/** One attempt at a run's work: what each of its transactions needs. */
interface Attempt {
  readonly session: PostgresSession;
  readonly made: MadeLog;
  readonly work: RunWork;
}

/**
 * Runs the steps that are not done yet, each in one transaction with its entry in the made log: after a crash a step
 * is either done and logged, or not there at all. `onStep` is called after each, also when it was done before.
 * Errors: EPOCH_STALE, BUILD_FAILED, and those of the session.
 */
export async function runSteps(attempt: Attempt, steps: readonly PlannedStep[], onStep: () => void): Promise<void> {
  const { session, work } = attempt;
  await takeLane(session, work);
  try {
    await runInLane(attempt, steps, onStep);
  } catch (error) {
    // Where the connection is gone, the next attempt ends what is left of this one.
    await leaveLane(session, work).catch(() => undefined);
    throw error;
  }
  await leaveLane(session, work);
}

async function runInLane(attempt: Attempt, steps: readonly PlannedStep[], onStep: () => void): Promise<void> {
  for (const schema of new Set(steps.map(({ plan }) => plan.table.targetSchema))) await ensureSchema(attempt, schema);
  const objects = steps.map(({ plan, step }) => madeBy(plan, step));
  const names = objects.map(({ name }) => name);
  const entries = await attempt.made.list(attempt.work.runId, names);
  const done = new Map(entries.map((entry) => [keyOf(entry), entry]));
  for (const [position, planned] of steps.entries()) {
    const object = objects[position];
    assert(object, 'each step has its object');
    await runStep(attempt, planned, object, done.get(keyOf(object)));
    onStep();
  }
}

async function ensureSchema({ session, made, work }: Attempt, schema: string): Promise<void> {
  await session.transaction(async () => {
    await fence(session, work);
    await session.query(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`);
    const found = await session.query('select 1 from pg_namespace where nspname = $1', [schema]);
    if (found.length > 0) return;
    await session.query(`CREATE SCHEMA ${quoteName(schema)}`);
    await made.record(work.runId, madeSchema(schema));
  });
}

async function runStep(
  { session, made, work }: Attempt,
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
