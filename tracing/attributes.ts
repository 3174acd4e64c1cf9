import {
  ACTIVITY_ID_ATTR_KEY,
  RUN_ID_ATTR_KEY,
  UPDATE_ID_ATTR_KEY,
  WORKFLOW_ID_ATTR_KEY,
} from '@temporalio/interceptors-opentelemetry/lib/instrumentation';

/** What a span tells of itself, and nothing else: names and numbers. The first four are named as the Temporal SDK does. */
export const ATTRIBUTES = {
  workflowId: WORKFLOW_ID_ATTR_KEY,
  runId: RUN_ID_ATTR_KEY,
  activityId: ACTIVITY_ID_ATTR_KEY,
  updateId: UPDATE_ID_ATTR_KEY,
  activityType: 'temporalActivityType',
  attempt: 'temporalAttempt',
  /** What the web UI shows of an activity; it names the table. */
  summary: 'temporalSummary',
  phase: 'temporal_migrate.phase',
  /** The code of an error, as docs/operations.md lists them. */
  error: 'error.type',
} as const;
