import { setTimeout as wait } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { BadInput } from './case';
import { SHAPES } from './shapes';
import { BadInputStage } from './stage';
import { ENVIRONMENTS, SERVERS } from './worlds';

/** What came of a bad input. */
interface Outcome {
  readonly failure: unknown;
  readonly tasks: number;
  /** Of each activity, in which attempt it ended. */
  readonly attempts: readonly number[];
  readonly state: string;
}

const ALL = [...SHAPES, ...ENVIRONMENTS, ...SERVERS];
/** As many as a worker of two cores takes without one waiting for another. */
const AT_ONCE = 8;
let stage: BadInputStage;
let before: string;
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  stage = await BadInputStage.open();
  before = await stage.state();
  // Those that wait longest begin first.
  const queue = [...ALL].sort(
    (a, b) => Number(b.name.includes('never answers')) - Number(a.name.includes('never answers')),
  );
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) outcomes.set(next.name, await tell(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  // Some 135 workflows: a minute on a machine that has nothing else to do.
}, 900_000);
afterAll(async () => stage[Symbol.asyncDispose]());

async function tell({ type = 'databaseMigration', given, json }: BadInput): Promise<Outcome> {
  const workflowId = json === undefined ? await stage.start(type, given) : await stage.startJson(type, json);
  const handle = stage.client.workflow.getHandle(workflowId);
  // A workflow whose task fails is tried again for ever: it must not keep the others waiting.
  const ended = handle.result().then(
    (result: unknown) => ({ result }),
    (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error),
  );
  const failure = await Promise.race([ended, wait(240_000, 'it did not end', { ref: false })]);
  const { events } = await handle.fetchHistory();
  return {
    failure,
    tasks: (events ?? []).filter((event) => Boolean(event.workflowTaskScheduledEventAttributes)).length,
    attempts: (events ?? []).flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []),
    state: await stage.state(),
  };
}

function check({ name, code, says, hides, given }: BadInput): Outcome {
  const outcome = outcomes.get(name);
  if (outcome === undefined) throw new Error(`${name} was not tried`);
  const { failure, state } = outcome;
  if (!(failure instanceof ApplicationFailure))
    throw new Error(`it ended otherwise: ${String(failure)} ${JSON.stringify(failure)}`);
  expect({ code: failure.type, nonRetryable: failure.nonRetryable }).toEqual({ code, nonRetryable: true });
  for (const text of says) {
    if (typeof text === 'string') expect(failure.message).toContain(text);
    else expect(failure.message).toMatch(text);
  }
  // A message is read by a person: it does not repeat a megabyte.
  expect(failure.message.length).toBeLessThan(8_000);
  if (hides !== undefined) {
    expect(JSON.stringify(given)).toContain(hides);
    expect(JSON.stringify([failure.message, failure.stack, failure.details, failure.cause])).not.toContain(hides);
  }
  expect(state).toBe(before);
  return outcome;
}

describe('an input that cannot be by its shape is refused in the first task, and nothing is touched', () => {
  test.each(SHAPES.map((given) => [given.name, given] as const))('%s', (_name, given) => {
    const { tasks, attempts } = check(given);
    expect({ tasks, attempts }).toEqual({ tasks: 1, attempts: [] });
  });
});

describe("an input that the worker's environment or the servers cannot serve is refused at once, and nothing is touched", () => {
  test.each([...ENVIRONMENTS, ...SERVERS].map((given) => [given.name, given] as const))('%s', (_name, given) => {
    expect(check(given).attempts.filter((attempt) => attempt > 1)).toEqual([]);
  });

  test('there are no two of one name, and enough', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
    expect(ALL.length).toBeGreaterThanOrEqual(60);
  });
});
