import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { MigrationError } from '../domain/errors';
import { faultPoint } from '../pipeline/faultPoint';
import { faultOrder } from './faultOrder';

/** A third of the heartbeat timeout would do; more often makes a cancellation heard sooner. */
const HEARTBEAT_MS = 1_000;
/** An error nobody has named may pass by itself, but not for ever. */
const UNNAMED_ATTEMPTS = 5;

/** What an activity shows in the web UI while it is pending. */
export interface Activity {
  /** Aborts when the activity is cancelled or the worker shuts down. */
  readonly signal: AbortSignal;
  /** Shown with the next heartbeat. */
  show(details: object): void;
  /** Adds to a counter of the worker's metrics, `temporal_migrate_<name>`. */
  count(name: Counter, by: number): void;
  /** What the attempt before this one showed last, as far as its heartbeats came through; else undefined. */
  readonly shownBefore: unknown;
}

/** What is counted; docs/operations.md lists the same names. */
export type Counter =
  | 'rows_copied'
  | 'bytes_copied'
  | 'rows_rejected'
  | 'rows_verified'
  | 'rows_mismatched'
  | 'changes_applied'
  | 'changes_taken_back';

/**
 * Makes an activity: it heartbeats by itself, hears of cancellation, and fails with typed failures. `persistent` ones
 * are undo steps, which no error may end before they have succeeded.
 */
export function activity<Arguments extends unknown[], Answer>(
  body: (self: Activity, ...given: Arguments) => Promise<Answer>,
  { persistent = false }: { persistent?: boolean } = {},
): (...given: Arguments) => Promise<Answer> {
  return async (...given) => {
    const context = Context.current();
    // Until this attempt shows something, what the one before it showed stays: a third one may need it.
    let details: unknown = context.info.heartbeatDetails ?? {};
    const timer = setInterval(() => context.heartbeat(details), HEARTBEAT_MS);
    try {
      if (persistent) faultPoint('compensation.begun', context.info.activityType);
      const self: Activity = {
        signal: context.cancellationSignal,
        show: (shown) => (details = shown),
        shownBefore: context.info.heartbeatDetails as unknown,
        count: (name, by) => {
          context.metricMeter.createCounter(`temporal_migrate_${name}`).add(by);
        },
      };
      await faultOrder('begun', context.info.activityType, context.cancellationSignal);
      const answer = await body(self, ...given);
      await faultOrder('done', context.info.activityType, context.cancellationSignal);
      if (persistent) faultPoint('compensation.done', context.info.activityType);
      return answer;
    } catch (error) {
      if (context.cancellationSignal.aborted) throw new CancelledFailure('the activity was cancelled');
      throw toFailure(error, context.info.attempt, persistent);
    } finally {
      clearInterval(timer);
    }
  };
}

/** Temporal's form of an error: its code as the type. Stacks and causes stay in the worker; they may quote anything. */
function toFailure(error: unknown, attempt: number, persistent: boolean): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof MigrationError) {
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: !error.retryable && !persistent,
      details: [error.details],
    });
  }
  Context.current().log.error('an error without a code', { error });
  const message = error instanceof Error ? `${error.name}: ${error.message}` : 'a value that is no error was thrown';
  return ApplicationFailure.create({
    type: 'INTERNAL',
    message,
    nonRetryable: attempt >= UNNAMED_ATTEMPTS && !persistent,
  });
}
