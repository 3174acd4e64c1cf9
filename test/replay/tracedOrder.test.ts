import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

const logger = new DefaultLogger('ERROR');
const taskQueue = { name: 'any' };
const retried = { startToCloseTimeout: '1s', heartbeatTimeout: '0s', retryPolicy: { maximumAttempts: 1 } };

const started = { workflowTaskTimeout: '10s', originalExecutionRunId: 'a', attempt: 1 };
const sdkMetadata = { coreUsedFlags: [1, 2, 3], sdkName: 'temporal-typescript', sdkVersion: '1.24.0' };

/** A workflow whose work and whose sleep both ended before it ran on; the work ended first. */
const EVENTS = [
  ['WORKFLOW_EXECUTION_STARTED', { workflowType: { name: 'racing' }, taskQueue, ...started }],
  ['WORKFLOW_TASK_SCHEDULED', { taskQueue }],
  ['WORKFLOW_TASK_STARTED', { scheduledEventId: '2' }],
  ['WORKFLOW_TASK_COMPLETED', { scheduledEventId: '2', startedEventId: '3', sdkMetadata }],
  ['ACTIVITY_TASK_SCHEDULED', { activityId: '1', activityType: { name: 'work' }, taskQueue, ...retried }],
  ['TIMER_STARTED', { timerId: '1', startToFireTimeout: '1s', workflowTaskCompletedEventId: '4' }],
  ['ACTIVITY_TASK_STARTED', { scheduledEventId: '5', attempt: 1 }],
  ['ACTIVITY_TASK_COMPLETED', { scheduledEventId: '5', startedEventId: '7' }],
  ['TIMER_FIRED', { timerId: '1', startedEventId: '6' }],
  ['WORKFLOW_TASK_SCHEDULED', { taskQueue }],
  ['WORKFLOW_TASK_STARTED', { scheduledEventId: '10' }],
  ['WORKFLOW_TASK_COMPLETED', { scheduledEventId: '10', startedEventId: '11', sdkMetadata }],
  ['ACTIVITY_TASK_SCHEDULED', { activityId: '2', activityType: { name: 'worked' }, taskQueue, ...retried }],
] as const;

const HISTORY = {
  events: EVENTS.map(([type, attributes], index) => ({
    eventId: String(index + 1),
    eventTime: '2026-01-01T00:00:00Z',
    eventType: `EVENT_TYPE_${type}`,
    [`${type.toLowerCase().replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())}EventAttributes`]:
      attributes,
  })),
};

test.each([
  ['untraced', []],
  ['traced', [require.resolve('../../tracing/workflow')]],
])('what a workflow hears of first does not depend on whether it is traced: %s', async (_how, modules) => {
  Runtime.install({ logger });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../helpers/racingWorkflow'),
    workflowInterceptorModules: modules,
    logger,
  });
  const sinks = { exporter: { export: { fn: () => undefined } } };
  await Worker.runReplayHistory({ workflowBundle, sinks }, HISTORY, 'racing');
});
