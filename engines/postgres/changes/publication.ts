import type { PlannedTable } from '../../../domain/plan';
import type { RunWork } from '../../engine';
import type { PostgresSession } from '../connection';
import { text } from '../control/decode';
import { fence } from '../control/lanes';
import {
  createMadeLog,
  PUBLICATION,
  REPLICA_IDENTITY,
  SLOT,
  SOURCE_LIMIT,
  type MadeEntry,
  type MadeObject,
} from '../control/made';
import { quoteName, quoteQualified, quoteText } from '../quote';

/** Who holds a lock on a table for longer makes it one to try again. */
const LOCK_TIMEOUT_MS = 60_000;
/** So long an application waits behind us for a table that somebody else holds. */
const UNDO_LOCK_TIMEOUT_MS = 2_000;

/**
 * Has the tables log whole rows, and publishes them, and nothing else, under a name. Idempotent: what is there already
 * is left, or brought to these tables. Before the publication is made every table has REPLICA IDENTITY FULL, also one
 * with a key: without an identity the application's updates would fail, and with a key alone an update would leave out
 * large values that it did not change, and what the row was before. Each thing is in the rollback log, with what takes
 * it back to what it was. Errors: PRIVILEGE_MISSING unless the login owns the tables; EPOCH_STALE.
 */
export async function publish(
  session: PostgresSession,
  work: RunWork,
  name: string,
  schema: string,
  tables: readonly PlannedTable[],
): Promise<void> {
  const made = createMadeLog(session);
  await session.transaction(
    async () => {
      await fence(session, work);
      const known = await made.list(work.runId);
      const record = async (object: MadeObject): Promise<void> => {
        const isKnown = known.some((entry) => entry.kind === object.kind && entry.name === object.name);
        if (!isKnown) await made.record(work.runId, object);
      };
      for (const { source } of tables) {
        const undo = await logWholeRows(session, schema, source.name);
        if (undo !== null) await made.record(work.runId, identityEntry(schema, source.name, undo));
      }
      await makePublication(session, name, schema, tables);
      await record({ kind: PUBLICATION, schema, name, undo: `DROP PUBLICATION IF EXISTS ${quoteName(name)}` });
      // Noted before it is made: no transaction can make a slot, and what was noted and not made is no harm.
      await record({ kind: SLOT, schema, name, undo: dropSlotSql(name) });
    },
    { lockTimeoutMs: LOCK_TIMEOUT_MS },
  );
}

function identityEntry(schema: string, table: string, undo: string): MadeObject {
  return { kind: REPLICA_IDENTITY, schema, name: table, undo };
}

/** What a person, too, can run; whoever reads from the slot has to end before. */
function dropSlotSql(name: string): string {
  return `SELECT pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = ${quoteText(name)}`;
}

/** Answers what takes it back; null where it was so. */
async function logWholeRows(session: PostgresSession, schema: string, table: string): Promise<string | null> {
  const relation = quoteQualified(schema, table);
  const [row] = await session.query(
    `select relreplident, (select relname from pg_catalog.pg_class i join pg_catalog.pg_index on i.oid = indexrelid
        where indrelid = c.oid and indisreplident)
     from pg_catalog.pg_class c where oid = $1::regclass`,
    [relation],
  );
  const identity = text(row?.[0]);
  if (identity === 'f') return null;
  await session.query(`ALTER TABLE ${relation} REPLICA IDENTITY FULL`);
  return `ALTER TABLE IF EXISTS ${relation} REPLICA IDENTITY ${spellIdentity(identity, row?.[1] ?? null)}`;
}

function spellIdentity(identity: string, index: string | null): string {
  if (identity === 'i' && index !== null) return `USING INDEX ${quoteName(index)}`;
  // An index that is gone identifies nothing.
  return identity === 'd' ? 'DEFAULT' : 'NOTHING';
}

async function makePublication(
  session: PostgresSession,
  name: string,
  schema: string,
  tables: readonly PlannedTable[],
): Promise<void> {
  const list = tables.map(({ source }) => quoteQualified(schema, source.name)).join(', ');
  const [row] = await session.query('select 1 from pg_catalog.pg_publication where pubname = $1', [name]);
  // Rows of a table's parts are told as the table's own.
  await session.query(
    row === undefined
      ? `CREATE PUBLICATION ${quoteName(name)} FOR TABLE ${list} WITH (publish_via_partition_root = true)`
      : `ALTER PUBLICATION ${quoteName(name)} SET TABLE ${list}`,
  );
}

/** The names of the published tables of a schema. */
export async function publishedTables(session: PostgresSession, name: string, schema: string): Promise<Set<string>> {
  const rows = await session.query(
    'select tablename from pg_catalog.pg_publication_tables where pubname = $1 and schemaname = $2',
    [name, schema],
  );
  return new Set(rows.map(([table]) => text(table)));
}

/**
 * Takes back what `publish` and `limitTables` did, without a word about what is gone already; the slot must be gone. Safe to repeat. A table
 * keeps them where another stream of the run needs them, and an identity where somebody has changed it since. Each table has a
 * transaction of its own that waits for its lock but shortly: an application may be at work, and waits behind it. Errors:
 * SERVER_BUSY, with the rest still to be done.
 */
export async function unpublish(session: PostgresSession, runId: string, name: string): Promise<void> {
  const made = createMadeLog(session);
  const known = await made.list(runId);
  const others = known.filter((entry) => entry.kind === PUBLICATION && entry.name !== name);
  const own = known.filter(({ kind, name: entry }) => (kind === PUBLICATION || kind === SLOT) && entry === name);
  const ofTables = known.filter(({ kind }) => kind === REPLICA_IDENTITY || kind === SOURCE_LIMIT);
  for (const entry of [...own, ...ofTables]) {
    await session.transaction(
      async () => {
        if (entry.kind === REPLICA_IDENTITY) {
          if (await isPublished(session, entry, others)) return;
          if (await logsWholeRows(session, entry)) await session.query(entry.undo);
        } else if (entry.kind === SOURCE_LIMIT) {
          if (await isPublished(session, entry, others)) return;
          await session.query(entry.undo);
        } else if (entry.kind === PUBLICATION) await session.query(entry.undo);
        await made.markUndone(runId, entry.id, 'end the change stream');
      },
      { lockTimeoutMs: UNDO_LOCK_TIMEOUT_MS },
    );
  }
}

async function isPublished(
  session: PostgresSession,
  { schema, name }: MadeEntry,
  publications: readonly MadeEntry[],
): Promise<boolean> {
  const rows = await session.query(
    `select 1 from pg_catalog.pg_publication_tables
     where schemaname = $1 and tablename = $2 and pubname = any($3) limit 1`,
    [schema, name, publications.map((publication) => publication.name)],
  );
  return rows.length > 0;
}

async function logsWholeRows(session: PostgresSession, { schema, name }: MadeEntry): Promise<boolean> {
  const [row] = await session.query('select relreplident from pg_catalog.pg_class where oid = to_regclass($1)', [
    quoteQualified(schema, name),
  ]);
  return row?.[0] === 'f';
}
