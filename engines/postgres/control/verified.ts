import type { ControlStore, VerifiedPart } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, text } from './decode';

type Verified = Pick<ControlStore, 'saveVerified' | 'loadVerified'>;

/** What has been compared already, so that a retry does not begin again. An undo raises the epoch and forgets it all. */
export function verifiedStore(session: PostgresSession): Verified {
  return {
    async saveVerified(runId, epoch, table, part, result) {
      await session.query(
        `insert into temporal_migrate.verified (run_id, epoch, table_name, part, result) values ($1, $2, $3, $4, $5)
         on conflict (run_id, epoch, table_name, part) do update set result = excluded.result`,
        [runId, epoch, table, part, JSON.stringify(result)],
      );
    },
    async loadVerified(runId, epoch, table) {
      const rows = await session.query(
        `select part, result from temporal_migrate.verified where run_id = $1 and epoch = $2 and table_name = $3`,
        [runId, epoch, table],
      );
      return new Map(rows.map(([part, result]) => [text(part), document(result) as VerifiedPart]));
    },
  };
}
