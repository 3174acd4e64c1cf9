import { ActivityCancellationType, proxyActivities, type RetryPolicy } from '@temporalio/workflow';
import type { Activities } from '../activities';

/**
 * Every timeout and retry of the migration stands here. A retry without an end is meant: a server that is down comes
 * back, and an error that no retry can mend is marked non-retryable where it is found.
 */
const retry: RetryPolicy = {
  initialInterval: '500 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '10 seconds',
};

/** The real default is TRY_CANCEL, under which a compensation would start while the cancelled work still runs. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** A worker that is silent for so long is taken for dead; it speaks every two seconds (MigrationPlugin). */
const HEARTBEAT_TIMEOUT = '10 seconds';

/** Steps of seconds: a statement or a few. They heartbeat all the same, so that a dead worker is noticed at once. */
export const quick = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType,
  retry,
});

/** Looks that change nothing and only inform: nobody waits for one that is given up, and none is tried for ever. */
export const look = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { ...retry, maximumAttempts: 5 },
});

/**
 * Watches what is live, for hours or days. Whoever decides does not wait for it; its heartbeats hold what it has seen, so
 * that a worker that dies costs seconds.
 */
export const watching = proxyActivities<Activities>({
  startToCloseTimeout: '2 days',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry,
});

/** The source takes no writes while this works, so its end is bounded; the workflow tries it again, and says so. */
export const extracting = proxyActivities<Activities>({
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType,
  retry: { ...retry, maximumAttempts: 2 },
});

/** Work of minutes to hours, alive as long as it heartbeats. */
export const long = proxyActivities<Activities>({
  startToCloseTimeout: '7 days',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType,
  retry,
});

/**
 * A change stream, and whatever waits for its end: it runs for days, so its attempts add up however seldom one fails, and
 * each wait between two of them is lag, or a pause of the application.
 */
export const streaming = proxyActivities<Activities>({
  startToCloseTimeout: '7 days',
  heartbeatTimeout: HEARTBEAT_TIMEOUT,
  cancellationType,
  retry: { ...retry, maximumInterval: '2 seconds' },
});
