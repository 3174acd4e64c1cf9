import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

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

interface Span {
  readonly name: string;
  readonly spanContext: { readonly traceId: string };
}

const TRACED = [require.resolve('../../tracing/workflow')];
const codes = { untraced: '', traced: '' };
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = require.resolve('../helpers/racingWorkflow');
  codes.untraced = (await bundleWorkflowCode({ workflowsPath, logger })).code;
  codes.traced = (await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: TRACED, logger })).code;
});

/** Replays the history as if its starter had sent these headers; answers the spans that were told of. */
async function replay(code: string, fields: object = {}): Promise<Span[]> {
  const spans: Span[] = [];
  const fn = (_info: unknown, told: readonly Span[]): void => {
    spans.push(...told);
  };
  const events = EVENTS.map(([type, attributes], index) => ({
    eventId: String(index + 1),
    eventTime: '2026-01-01T00:00:00Z',
    eventType: `EVENT_TYPE_${type}`,
    [attributesOf(type)]: index === 0 ? { ...attributes, header: { fields } } : attributes,
  }));
  const sinks = { exporter: { export: { fn, callDuringReplay: true } } };
  await Worker.runReplayHistory({ workflowBundle: { code }, sinks }, { events }, 'racing');
  return spans;
}

/** `TIMER_FIRED` has its attributes in `timerFiredEventAttributes`. */
function attributesOf(type: string): string {
  const words = type.toLowerCase().replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());
  return `${words}EventAttributes`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const TRACE = '0af7651916cd43dd8448eb211c80319c';

test('what a workflow hears of first does not depend on whether it is traced', async () => {
  expect(await replay(codes.untraced)).toEqual([]);
  expect((await replay(codes.traced)).map(({ name }) => name)).toEqual(['StartActivity:work']);
});

test('a workflow is in the trace of whoever starts it with one', async () => {
  const data = JSON.stringify({ traceparent: `00-${TRACE}-b7ad6b7169203331-01` });
  const spans = await replay(codes.traced, {
    '_tracer-data': { metadata: { encoding: base64('json/plain') }, data: base64(data) },
  });
  expect(spans.map(({ spanContext }) => spanContext.traceId)).toEqual([TRACE]);
});

test('a header that cannot be read makes no workflow stand still', async () => {
  const spans = await replay(codes.traced, {
    '_tracer-data': { metadata: { encoding: base64('binary/encrypted') }, data: base64('?') },
  });
  expect(spans).toHaveLength(1);
});
