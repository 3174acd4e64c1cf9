import type { ReadStreamRequest, StreamReading } from '../domain/liveMessages';
import { judgeLog, type LogAlarm } from '../domain/logRetention';
import { hasApplied, streamState } from '../pipeline/untilApplied';
import { activity } from './activity';
import { withBoth } from './engines';
import type { WorkerEnvironment } from './environment';
import { changesOf, forwardStream } from './liveSource';

/** How far a live target is behind its source, for people. */
export function streamLagActivities(environment: WorkerEnvironment) {
  return {
    readStream: activity(async (self, { run, caughtUpAtMs }: ReadStreamRequest): Promise<StreamReading> =>
      withBoth(environment, run, async (source, target) => {
        const stream = forwardStream(source, target, run.runId, self.signal);
        const position = await source.position();
        const atMs = await source.probe.clockMs();
        const state = await streamState(stream);
        const isThere = hasApplied(stream.stream, state, position);
        const lagSeconds = isThere ? 0 : lagOf(atMs, state.committedAtMs, caughtUpAtMs);
        const held = (await changesOf(source).held?.(state.applied.position)) ?? null;
        return {
          atMs,
          lagSeconds,
          caughtUpAtMs: isThere ? atMs : caughtUpAtMs,
          lagBytes: isThere ? 0 : (held?.behindBytes ?? null),
          alarm: held === null ? NO_ALARM : judgeLog(held, lagSeconds),
        };
      }),
    ),
  };
}

const NO_ALARM: LogAlarm = { level: 'ok', reason: '' };

/** What is not applied was committed after either of these; null where neither is known. */
function lagOf(atMs: number, committedAtMs: number | null, caughtUpAtMs: number | null): number | null {
  const since = Math.max(committedAtMs ?? 0, caughtUpAtMs ?? 0);
  return since === 0 ? null : Math.max(0, atMs - since) / 1_000;
}
