import type { PostgresSession } from '../connection';
import { text } from './decode';

/** An object the migration made, with the SQL that removes it again. */
export interface MadeObject {
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  readonly undo: string;
}

export interface MadeEntry extends MadeObject {
  readonly id: string;
}

/**
 * What a run has made on the target: the only things a compensation may remove. Bound to one session, so that an
 * entry is written in the transaction that makes the object.
 */
export interface MadeLog {
  /** Call inside the transaction that makes the object. */
  record(runId: string, object: MadeObject): Promise<void>;
  /** What has been made and not been undone, newest first; of these names, or all of it. */
  list(runId: string, names?: readonly string[]): Promise<MadeEntry[]>;
  /** Call inside the transaction that runs the entry's undo. */
  markUndone(runId: string, id: string): Promise<void>;
}

export function createMadeLog(session: PostgresSession): MadeLog {
  return {
    async record(runId, { kind, schema, name, undo }) {
      await session.query(
        `insert into temporal_migrate.made (run_id, kind, schema_name, name, undo) values ($1, $2, $3, $4, $5)`,
        [runId, kind, schema, name, undo],
      );
    },
    async list(runId, names) {
      const rows = await session.query(
        `select id, kind, schema_name, name, undo from temporal_migrate.made
         where run_id = $1 and not undone and ($2::text[] is null or name = any($2)) order by id desc`,
        [runId, names ?? null],
      );
      return rows.map(([id, kind, schema, name, undo]) => ({
        id: text(id),
        kind: text(kind),
        schema: text(schema),
        name: text(name),
        undo: text(undo),
      }));
    },
    async markUndone(runId, id) {
      await session.query(`update temporal_migrate.made set undone = true where run_id = $1 and id = $2`, [runId, id]);
    },
  };
}
