import { setTimeout as sleep } from 'node:timers/promises';
import type { RunReference } from '../domain/activityMessages';
import type { InHand, LaneProcess, Target } from '../engines/engine';
import type { ChunkInHand } from '../pipeline/chunkInHand';
import type { PaceLimiter } from '../pipeline/pace';
import { openTarget } from './engines';
import type { WorkerEnvironment } from './environment';

/** How soon a lane at work hears of a new pace, and how often it tells what it has in hand. */
const PACE_MS = 500;

export interface PaceKeeper extends AsyncDisposable {
  /** Holds while the migration is paused. */
  resumed(signal: AbortSignal): Promise<void>;
  /** Whether any other rate than full speed has been told so far. */
  readonly throttled: boolean;
}

/** Whose progress is told: a lane's process, and what it has in hand. */
export interface ToldLane {
  readonly process: LaneProcess;
  readonly inHand: ChunkInHand;
}

/**
 * Reads the pace from the control schema, and tells there what the lane has in hand, over a connection of its own,
 * because the lane's is busy with its chunk.
 */
export async function keepPace(
  environment: WorkerEnvironment,
  run: RunReference,
  pace: PaceLimiter,
  lane?: ToldLane,
): Promise<PaceKeeper> {
  const target = await openTarget(environment, run.target);
  const ended = new AbortController();
  let throttled = false;
  const read = async (): Promise<boolean> => {
    const { rowsPerSecond, paused, lanes } = await target.control.readPace(run.runId);
    throttled ||= rowsPerSecond > 0;
    pace.setRate(rowsPerSecond / lanes);
    return paused;
  };
  const tell = lane === undefined ? () => Promise.resolve() : teller(target, lane);
  const failures: unknown[] = [];
  const reading = (async () => {
    const stillAtWork = (): Promise<boolean> => sleep(PACE_MS, true, { signal: ended.signal }).catch(() => false);
    while (await stillAtWork()) {
      await tell();
      await read();
    }
  })().catch((error: unknown) => {
    // Told between chunks: a chunk in hand is better finished.
    failures.push(error);
  });
  return {
    get throttled() {
      return throttled;
    },
    async resumed(signal) {
      if (failures.length > 0) throw failures[0];
      while (await read()) await sleep(PACE_MS, undefined, { signal });
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await reading;
      await target[Symbol.asyncDispose]();
    },
  };
}

/** Tells what is in hand, unless it is what was told last. */
function teller({ control }: Target, { process, inHand }: ToldLane): () => Promise<void> {
  let told: InHand | null = null;
  return async () => {
    const now = inHand.now();
    if (now === null || (now.table === told?.table && now.ordinal === told.ordinal && now.rows === told.rows)) return;
    await control.tellInHand(process, now);
    told = now;
  };
}
