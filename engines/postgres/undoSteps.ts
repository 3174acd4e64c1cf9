import { MigrationError, assert } from '../../domain/errors';
import type { TablePlan } from '../../domain/plan';
import { cutToBytes } from '../../domain/planning';
import type { RunKey, RunWork } from '../engine';
import type { PostgresSession } from './connection';
import { text } from './control/decode';
import { fence } from './control/lanes';
import {
  KEPT_SCHEMA,
  MOVED,
  PUBLICATION,
  REPLICA_IDENTITY,
  SLOT,
  TRIGGER,
  SOURCE_LIMIT,
  STREAM_INDEX,
  type MadeEntry,
  type MadeLog,
  type MadeObject,
  type UndoneBy,
} from './control/made';
import { hasControlSchema } from './control/schema';
import { serverError } from './errors';
import { keyOf, madeBy, madeSchema } from './madeObjects';
import { postgresNames } from './names';
import { quoteName, quoteQualified } from './quote';

/** How long an undo waits for others to let go of a table before it fails, to be tried again. */
const LOCK_TIMEOUT_MS = 60_000;
/** Each removed object holds locks until its transaction ends, and a server has room for some thousands. */
const UNDONE_AT_ONCE = 50;
/** What does not move with its table. */
const REMOVED_FIRST: ReadonlySet<string> = new Set([
  'grant',
  SLOT,
  PUBLICATION,
  REPLICA_IDENTITY,
  SOURCE_LIMIT,
  TRIGGER,
]);
/** What a cutover under a change stream makes: no stream can be applied under foreign keys. */
const OF_CUTOVER: ReadonlySet<string> = new Set(['foreignKey', 'identity']);
const DEPENDENT_OBJECTS = '2BP01';

/** What the run made, newest first; nothing when it never came to making anything. */
async function listMade(session: PostgresSession, made: MadeLog, runId: string): Promise<MadeEntry[]> {
  return (await hasControlSchema(session)) ? made.list(runId) : [];
}

/** Removes everything the rollback log lists, newest first, and nothing else; safe to repeat, also after a crash. */
export async function dropMade(session: PostgresSession, made: MadeLog, { runId }: RunKey): Promise<void> {
  const entries = await listMade(session, made, runId);
  const by = 'drop what was made';
  await undo(
    session,
    made,
    runId,
    entries.filter(({ kind }) => kind !== 'schema'),
    by,
  );
  for (const entry of entries.filter(({ kind }) => kind === 'schema')) await dropSchema(session, made, runId, entry);
}

/**
 * Takes back what was made for a cutover that did not come to its end: foreign keys, and the counters of numbered
 * columns, which are set anew. Idempotent.
 */
export async function undoCutover(session: PostgresSession, made: MadeLog, { runId }: RunKey): Promise<void> {
  const entries = await listMade(session, made, runId);
  const ofCutover = entries.filter(({ kind }) => OF_CUTOVER.has(kind));
  await undo(session, made, runId, ofCutover, 'undo the cutover');
}

/**
 * Drops the indexes by which the stream's applier finds rows of tables without a key, and which it makes again when it
 * needs them. Idempotent. Errors: EPOCH_STALE.
 */
export async function dropStreamIndexes(session: PostgresSession, made: MadeLog, work: RunWork): Promise<void> {
  const { runId } = work;
  const entries = await listMade(session, made, runId);
  for (const some of slices(entries.filter(({ kind }) => kind === STREAM_INDEX))) {
    await session.transaction(
      async () => {
        await fence(session, work);
        for (const entry of some) {
          await remove(session, entry);
          await made.markUndone(runId, entry.id, 'end the change stream');
        }
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  }
}

/** Drops the databases that the run has made beside the target's; each is entered before it is made. */
export async function dropDatabases(
  session: PostgresSession,
  made: MadeLog,
  runId: string,
  by: UndoneBy,
): Promise<void> {
  for (const { id, undo: sql } of await made.listDatabases(runId)) {
    await session.query(sql);
    await made.markUndone(runId, id, by);
  }
}

/** Empties the tables, forgets their progress, and removes what was built on them, so that the copy can start over. */
export async function emptyTables(
  session: PostgresSession,
  made: MadeLog,
  { runId }: RunKey,
  plans: readonly TablePlan[],
): Promise<void> {
  if (!(await hasControlSchema(session))) return;
  const entries = await made.list(runId);
  const built = new Set(plans.flatMap((plan) => plan.ddl.build.map((step) => keyOf(madeBy(plan, step)))));
  // Of foreign keys all go, because those of other tables that refer to these would not let them be emptied.
  await undo(
    session,
    made,
    runId,
    entries.filter((entry) => ['foreignKey', STREAM_INDEX].includes(entry.kind) || built.has(keyOf(entry))),
    'empty the tables',
  );
  const tables = new Set(entries.filter(({ kind }) => kind === 'table').map(keyOf));
  const names = plans
    .filter(({ table }) => tables.has(keyOf({ kind: 'table', schema: table.targetSchema, name: table.targetName })))
    .map(({ table }) => quoteQualified(table.targetSchema, table.targetName));
  for (const some of slices(names)) {
    await undoing(session, runId, () => session.query(`TRUNCATE ${some.join(', ')} RESTART IDENTITY`));
  }
  await undoing(session, runId, async () => {
    await session.query(`delete from temporal_migrate.rejected_rows where run_id = $1`, [runId]);
    await session.query(`update temporal_migrate.chunks set rows = null, bytes = null where run_id = $1`, [runId]);
    for (const kept of ['streams', 'read_at', 'vacated_keys', 'unsettled_keys']) {
      await session.query(`delete from temporal_migrate.${kept} where run_id = $1`, [runId]);
    }
  });
}

/**
 * Moves the run's tables and types, with what was written to them, into a schema of their own, and forgets them: they
 * are nobody's to remove any more. Answers the schema's name; safe to repeat.
 */
export async function setAside(session: PostgresSession, made: MadeLog, { runId }: RunKey): Promise<string> {
  const entries = await listMade(session, made, runId);
  const kept = asideName(await schemaOf(session, runId), runId);
  await changing(session, runId, () => makeKeptSchema(session, made, runId, kept));
  // Sequences, keys and indexes move with their tables. Who was let in is not any more, before they move.
  for (const some of slices(entries.filter(({ kind }) => kind !== 'schema'))) {
    await changing(session, runId, async () => {
      const moved: MadeObject[] = [];
      for (const entry of some) {
        if (REMOVED_FIRST.has(entry.kind)) await remove(session, entry);
        else moved.push(...(await moveTo(session, kept, entry)));
        await made.markUndone(runId, entry.id, 'set the tables aside');
      }
      await made.record(runId, ...moved);
    });
  }
  return kept;
}

async function makeKeptSchema(session: PostgresSession, made: MadeLog, runId: string, kept: string): Promise<void> {
  const [row] = await session.query('select to_regnamespace($1) is not null', [quoteName(kept)]);
  if (row?.[0] === 't') return;
  await session.query(`CREATE SCHEMA ${quoteName(kept)}`);
  await made.record(runId, { ...madeSchema(kept), kind: KEPT_SCHEMA });
}

/** Answers what to enter into the log: where it is now, and what would move it back. */
async function moveTo(
  session: PostgresSession,
  schema: string,
  { kind, name, schema: from }: MadeEntry,
): Promise<MadeObject[]> {
  if (kind !== 'table' && kind !== 'type') return [];
  const moved = quoteQualified(from, name);
  const lookup = kind === 'table' ? 'to_regclass' : 'to_regtype';
  const [row] = await session.query(`select ${lookup}($1) is not null`, [moved]);
  if (row?.[0] !== 't') return [];
  const move = (what: string, to: string): string => `ALTER ${kind.toUpperCase()} ${what} SET SCHEMA ${quoteName(to)}`;
  await session.query(move(moved, schema));
  return [{ kind: MOVED, schema, name, undo: move(quoteQualified(schema, name), from) }];
}

/** The schema of the run's tables, also of those moved already. */
async function schemaOf(session: PostgresSession, runId: string): Promise<string> {
  const [row] = await session.query(
    `select schema_name from temporal_migrate.rollback_log where run_id = $1 and kind = 'table' limit 1`,
    [runId],
  );
  assert(row?.[0], `run ${runId} has made tables that can be set aside`);
  return row[0];
}

function asideName(schema: string, runId: string): string {
  const suffix = `_rolled_back_${runId
    .replace(/[^A-Za-z0-9]/gu, '')
    .slice(-8)
    .toLowerCase()}`;
  return cutToBytes(schema, postgresNames.maxBytes - suffix.length) + suffix;
}

/** Removes the entries' objects in their order, some in each transaction. */
async function undo(
  session: PostgresSession,
  made: MadeLog,
  runId: string,
  entries: readonly MadeEntry[],
  by: UndoneBy,
): Promise<void> {
  for (const some of slices(entries)) {
    await undoing(session, runId, async () => {
      for (const entry of some) {
        if (entry.undo !== '') await remove(session, entry);
        await made.markUndone(runId, entry.id, by);
      }
    });
  }
}

/** What somebody else built on it is not ours to remove with it. */
async function remove(session: PostgresSession, { kind, schema, name, undo: sql }: MadeEntry): Promise<void> {
  await session.query(sql).catch((error: unknown) => {
    const cause = serverError(error);
    if (cause?.code !== DEPENDENT_OBJECTS) throw error;
    const dependents = cause.detail ?? cause.message;
    const advice = 'it was not made by this migration: drop it, and the undo goes on';
    throw new MigrationError(
      'COMPENSATION_FAILED',
      `${kind} ${schema}.${name} is still used (${dependents}): ${advice}`,
      { cause },
    );
  });
}

/** The schema stays when somebody has put something into it. */
async function dropSchema(session: PostgresSession, made: MadeLog, runId: string, entry: MadeEntry): Promise<void> {
  try {
    await undo(session, made, runId, [entry], 'drop what was made');
  } catch (error) {
    if (serverError(error)?.code !== DEPENDENT_OBJECTS) throw error;
    await undoing(session, runId, () => made.markUndone(runId, entry.id, 'kept: others use it'));
  }
}

/**
 * A change that takes back what was made. An attempt may sleep until the run has begun to copy again, or is the truth:
 * then it changes nothing any more.
 */
async function undoing(session: PostgresSession, runId: string, work: () => Promise<unknown>): Promise<void> {
  await changing(session, runId, async (state) => {
    if (state === 'open' || state === 'aborted') return work();
    throw new MigrationError('EPOCH_STALE', `run ${runId} is ${state} now: nothing of it is undone`);
  });
}

/**
 * A transaction that holds the run's row, so that neither a second attempt nor a step of an earlier epoch works beside
 * it.
 */
export async function changing(
  session: PostgresSession,
  runId: string,
  work: (state: string) => Promise<unknown>,
): Promise<void> {
  await session.transaction(
    async () => {
      const [row] = await session.query('select state from temporal_migrate.runs where run_id = $1 for no key update', [
        runId,
      ]);
      await work(text(row?.[0]));
    },
    { lockTimeoutMs: LOCK_TIMEOUT_MS },
  );
}

/** As many as one transaction undoes, or grants. */
export function* slices<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += UNDONE_AT_ONCE) yield items.slice(start, start + UNDONE_AT_ONCE);
}
