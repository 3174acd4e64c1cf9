import { RetryState } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { MigrationError } from '../domain/errors';

export interface RootFailure {
  readonly code: string;
  readonly message: string;
}

/** What is at the bottom of a failure that came up through activities and child workflows. */
export function rootFailure(error: unknown): RootFailure {
  const cause = rootCause(error);
  if (cause instanceof ApplicationFailure) return { code: cause.type ?? 'INTERNAL', message: cause.message };
  return { code: 'INTERNAL', message: cause instanceof Error ? cause.message : String(cause) };
}

/**
 * Whether work ended because its scope was cancelled. A worker that is gone cannot confirm that, and its activity ends
 * with a timeout instead; on its own no activity does, for a timeout is tried again. So is a connection that broke,
 * unless its activity was to be cancelled by then: that is told as its failure.
 */
export function wasCutOff(error: unknown): boolean {
  return isCancellation(error) || rootCause(error) instanceof TimeoutFailure || wasToBeCancelled(error);
}

function wasToBeCancelled(error: unknown): boolean {
  if (error instanceof ActivityFailure) return error.retryState === RetryState.CANCEL_REQUESTED;
  return error instanceof ChildWorkflowFailure && wasToBeCancelled(error.cause);
}

function rootCause(error: unknown): unknown {
  let cause = error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause !== undefined)
    cause = cause.cause;
  return cause;
}

/** What a workflow ends with after an error: Canceled where that is why its work was cut off. */
export function endingOf(error: unknown, what: string): CancelledFailure | ApplicationFailure {
  const cancelled = CancellationScope.current().consideredCancelled && wasCutOff(error);
  return cancelled ? new CancelledFailure(`the ${what} was cancelled`) : finalFailure(rootFailure(error));
}

/** The failure a workflow ends with: typed, and final whatever retry policy its starter gave. */
export function finalFailure({ code, message }: RootFailure | MigrationError): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message, nonRetryable: true });
}
