import { MigrationError } from '../../../domain/errors';
import type { Position } from '../../../domain/position';
import { formatLsn, parseLsn, type Lsn } from './lsn';

/**
 * Behind the commit record of a transaction, or behind whatever else was written up to there. A record begins where none
 * other ends, so no two transactions share a position. `server` names system, timeline and database: the same place of
 * another timeline, as after a failover or a restore, may have another past.
 */
export type LsnPosition = Extract<Position, { kind: 'lsn' }>;

export function positionAt(server: string, lsn: Lsn): LsnPosition {
  return { kind: 'lsn', server, lsn: formatLsn(lsn) };
}

/** Whether everything up to `other` has been told at `position`. Errors: POSITION_LOST when nothing can be said. */
export function containsPosition(position: Position, other: Position): boolean {
  if (position.kind === 'lsn' && other.kind === 'lsn' && position.server === other.server) {
    return parseLsn(position.lsn) >= parseLsn(other.lsn);
  }
  throw new MigrationError(
    'POSITION_LOST',
    'two positions of the source are of different servers, of different timelines or databases, or of different kinds',
  );
}
