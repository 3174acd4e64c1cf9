import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../domain/errors';
import type { Position } from '../domain/position';
import type { ChangeStream, StreamState, StreamStore } from '../engines/engine';

/** How often it is looked how far the stream has come, which somebody else applies. */
const LOOK_MS = 10;

export interface AppliedStream {
  readonly stream: Pick<ChangeStream, 'contains'>;
  readonly store: Pick<StreamStore, 'loadStream'>;
  readonly runId: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Resolves once everything up to a position is on the target. Errors: INTERNAL when the stream has not begun. */
export async function untilApplied(applied: AppliedStream, position: Position): Promise<StreamState> {
  for (;;) {
    const state = await streamState(applied);
    if (hasApplied(applied.stream, state, position)) return state;
    await delay(LOOK_MS, undefined, { signal: applied.signal });
  }
}

export async function streamState({
  store,
  runId,
  name,
}: Pick<AppliedStream, 'store' | 'runId' | 'name'>): Promise<StreamState> {
  const state = await store.loadStream(runId, name);
  if (state === null) throw new MigrationError('INTERNAL', `stream ${name} of run ${runId} has not begun`);
  return state;
}

/** Whether everything up to a position is on the target. */
export function hasApplied(
  stream: Pick<ChangeStream, 'contains'>,
  { applied }: StreamState,
  position: Position,
): boolean {
  return stream.contains(applied.position, position);
}
