import type { PostgresSession } from '../connection';
import { text } from './decode';
import { insertRows } from './insertRows';

/** An object the migration made, with the SQL that removes it again; empty where it goes with something else. */
export interface MadeObject {
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  readonly undo: string;
}

export interface MadeEntry extends MadeObject {
  readonly id: string;
}

/** What the rollback log says has undone an entry. */
export type UndoneBy =
  | 'drop what was made'
  | 'empty the tables'
  | 'undo the cutover'
  | 'set the tables aside'
  | 'unfreeze the source'
  | 'end an overdue freeze'
  | 'switch back'
  | 'end the change stream'
  | 'follow a schema change'
  | 'backup ended'
  | 'found missing, made again'
  | 'kept: others use it';

/** A database of the server: no transaction can make or drop one. */
export const DATABASE = 'database';
/** What a rollback keeps: a schema, and what was moved into it. Only a person takes this back. */
export const KEPT_SCHEMA = 'keptSchema';
export const MOVED = 'moved';
/** What keeps others from writing to a table. */
export const TRIGGER = 'trigger';
/** What a change stream needs on the server whose changes it reads. */
export const SLOT = 'replicationSlot';
export const PUBLICATION = 'publication';
export const REPLICA_IDENTITY = 'replicaIdentity';
/** Checks by which a table refuses what the source could not take back. */
export const SOURCE_LIMIT = 'sourceLimit';
/** By which a stream that is applied finds the rows of a table without a key. */
export const STREAM_INDEX = 'streamIndex';

/**
 * The target's part of the rollback log: what a run has made there, and the only things a compensation may remove.
 * Bound to one session, so that an entry is written in the transaction that makes the object. Entries stay when they
 * are undone, so that the log tells afterwards what was.
 */
export interface MadeLog {
  /** Call inside the transaction that makes the objects; for a database before it is made. */
  record(runId: string, ...objects: readonly MadeObject[]): Promise<void>;
  /** Objects of the target's schemas that have been made and not been undone, newest first; of these names, or all. */
  list(runId: string, names?: readonly string[]): Promise<MadeEntry[]>;
  /** The same of databases. */
  listDatabases(runId: string): Promise<MadeEntry[]>;
  /** Call inside the transaction that runs the entry's undo. */
  markUndone(runId: string, id: string, by: UndoneBy): Promise<void>;
}

const LISTED = `select number, kind, schema_name, name, undo from temporal_migrate.rollback_log
  where run_id = $1 and place = 'target' and undone_at is null`;

export function createMadeLog(session: PostgresSession): MadeLog {
  const read = async (condition: string, parameters: readonly unknown[]): Promise<MadeEntry[]> => {
    const rows = await session.query(`${LISTED} and ${condition} order by number desc`, parameters);
    return rows.map(([id, kind, schema, name, undo]) => ({
      id: text(id),
      kind: text(kind),
      schema: text(schema),
      name: text(name),
      undo: text(undo),
    }));
  };
  return {
    async record(runId, ...objects) {
      await insertRows(
        session,
        `insert into temporal_migrate.rollback_log (run_id, place, kind, schema_name, name, undo)`,
        objects.map(({ kind, schema, name, undo }) => [runId, 'target', kind, schema, name, undo]),
      );
    },
    list: (runId, names) =>
      read(`kind <> all($3) and ($2::text[] is null or name = any($2))`, [
        runId,
        names ?? null,
        [DATABASE, KEPT_SCHEMA, MOVED],
      ]),
    listDatabases: (runId) => read('kind = $2', [runId, DATABASE]),
    async markUndone(runId, id, by) {
      await session.query(
        `update temporal_migrate.rollback_log set undone_at = clock_timestamp(), undone_by = $3
         where run_id = $1 and number = $2 and undone_at is null`,
        [runId, id, by],
      );
    },
  };
}
