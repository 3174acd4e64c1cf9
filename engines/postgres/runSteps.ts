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

interface PlannedObject extends PlannedStep {
  readonly object: MadeObject;
}

/** Any number will do that nobody else locks: two lanes must not both make the schema. */
const SCHEMA_LOCK = '6403920117733250915';

/** One attempt at a run's work: what each of its transactions needs. */
interface Attempt {
  readonly session: PostgresSession;
  readonly made: MadeLog;
  readonly work: RunWork;
}

/** Up to this size a table's steps take so little time that they share a transaction. */
const SMALL_TABLE_BYTES = 16 * 1024 * 1024;

/**
 * Runs the steps that are not done yet, each in the transaction that enters it in the rollback log: after a crash a step
 * is either done and logged, or not there at all. `onStep` is called for each, also when it was done before.
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
  const objects = steps.map((planned) => ({ ...planned, object: madeBy(planned.plan, planned.step) }));
  const names = objects.map(({ object }) => object.name);
  const entries = await attempt.made.list(attempt.work.runId, names);
  const done = new Map(entries.map((entry) => [keyOf(entry), entry]));
  for (const group of transactionsOf(objects)) {
    await attempt.session.transaction(async () => {
      await fence(attempt.session, attempt.work);
      for (const each of group) await makeObject(attempt, each, done.get(keyOf(each.object)));
    });
    group.forEach(() => onStep());
  }
}

/**
 * The steps that share a transaction: those of one small table that follow each other. Foreign keys do not, because
 * each locks another table too, and the fewer are held at once, the fewer lanes wait for each other in a circle.
 */
function transactionsOf(objects: readonly PlannedObject[]): PlannedObject[][] {
  const groups: PlannedObject[][] = [];
  for (const object of objects) {
    const { plan, step } = object;
    const last = groups.at(-1);
    const shares = plan.table.source.bytes <= SMALL_TABLE_BYTES && step.kind !== 'foreignKey';
    if (shares && last?.[0]?.plan === plan) last.push(object);
    else groups.push([object]);
  }
  return groups;
}

/** Makes a schema that nothing but the run may have made; false when somebody else has. Errors: EPOCH_STALE. */
export async function makeOwnSchema(attempt: Attempt, schema: string): Promise<boolean> {
  await ensureSchema(attempt, schema);
  const entries = await attempt.made.list(attempt.work.runId, [schema]);
  return entries.some(({ kind }) => kind === 'schema');
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

/** Inside a transaction that is fenced. */
async function makeObject(
  { session, made, work }: Attempt,
  { plan, step, object }: PlannedObject,
  entry: MadeEntry | undefined,
): Promise<void> {
  if (entry) {
    if (await isPresent(session, plan, step)) return;
    // Somebody removed what had been made: the entry is spent, and the step is made again.
    await made.markUndone(work.runId, entry.id, 'found missing, made again');
  }
  await session.query(step.sql).catch((error: unknown) => {
    throw buildError(error, plan, step);
  });
  await made.record(work.runId, object);
}

async function isPresent(session: PostgresSession, plan: TablePlan, step: BuildStep): Promise<boolean> {
  const query = presenceQuery(plan, step);
  return query === null || (await session.query(...query)).length > 0;
}
