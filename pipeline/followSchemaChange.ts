import type { Table } from '../domain/catalog';
import { MigrationError } from '../domain/errors';
import type { AppliedPosition } from '../engines/engine';
import { understandSchemaChange, type SchemaChangeTask } from './proposeSchemaChange';

export interface FollowTask extends SchemaChangeTask {
  /** The proposed statements are run; else a person has changed the target. */
  readonly apply: boolean;
  /** As the run's own fingerprint was made. */
  readonly fingerprintOf: (tables: readonly Table[]) => string;
}

/**
 * Has a stream that ended with a schema change go on behind it. Idempotent: what was done before is only told
 * (`followedBefore`). Errors: SCHEMA_CHANGE_FAILED when nothing is proposed that could be applied, when the target's tables
 * are not, or cannot become, what they must be, and when nothing can be followed behind it; STREAM_MOVED; EPOCH_STALE;
 * those of both servers. After an error nothing is changed.
 */
export async function followSchemaChange(task: FollowTask): Promise<{ readonly followedBefore: boolean }> {
  const { target, work, change, apply, fingerprintOf } = task;
  const from = await standing(task);
  if (from === null) return { followedBefore: true };
  const { proposal, statements, tables, now } = await understandSchemaChange(task);
  const isPossible = proposal.followable && !(apply && proposal.statements === null);
  if (!isPossible) {
    const what = proposal.followable ? 'nothing is proposed for' : 'the stream cannot go on behind';
    throw new MigrationError('SCHEMA_CHANGE_FAILED', `${what} ${change.statement}: ${proposal.reason}`);
  }
  await target.changeTables(work, {
    from,
    to: change.behind,
    statements: apply ? statements : [],
    tables: tables.map(({ plan, facts }) => ({ plan, facts })),
    fingerprint: fingerprintOf(now),
  });
  return { followedBefore: false };
}

/** Where the stream stands, in front of the statement; null when it is behind it already. Errors: STREAM_MOVED. */
async function standing({ source, target, work, change }: FollowTask): Promise<AppliedPosition | null> {
  const applied = (await target.control.loadStream(work.runId, work.lane))?.applied;
  const stream = source.changes;
  if (applied !== undefined && stream !== undefined) {
    if (stream.contains(applied.position, change.behind)) return null;
    if (applied.within === 0 && stream.contains(applied.position, change.position)) return applied;
  }
  throw new MigrationError(
    'STREAM_MOVED',
    `stream ${work.lane} of run ${work.runId} does not stand in front of the statement`,
  );
}
