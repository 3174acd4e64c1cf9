import type { TablePlan } from '../../../domain/plan';
import type { CopyLane, InHand } from '../../../engines/engine';
import { CopyStage } from '../../helpers/copyStage';
import { execute } from '../../helpers/databases';

let stage: CopyStage;
let plan: TablePlan;
beforeEach(async () => {
  stage = await CopyStage.open();
  plan = await stage.table('t', 3);
});
afterEach(async () => stage[Symbol.asyncDispose]());

const rowsCopied = async (): Promise<number | undefined> =>
  (await stage.target.control.copyProgress(stage.runId)).find(({ table }) => table === 't')?.rows;
const tell = (lane: CopyLane, { rows, ordinal = 0 }: Partial<InHand> & { rows: number }) =>
  stage.target.control.tellInHand(lane.process, { table: 't', ordinal, rows, bytes: rows * 100 });
/** A lane with the first chunk claimed. */
const claimed = async () => {
  const lane = await stage.openLane('copy/t/1');
  await lane.claim(['t']);
  return lane;
};

test('what lanes have in hand counts beside what is committed, with its bytes', async () => {
  await using first = await claimed();
  await using second = await stage.openLane('copy/t/2');
  await second.claim(['t']);
  await tell(first, { rows: 3 });
  await tell(first, { rows: 4 });
  await tell(second, { rows: 6, ordinal: 1 });
  expect(await stage.target.control.copyProgress(stage.runId)).toEqual([
    { table: 't', rows: 10, bytes: 1_000, chunksDone: 0, chunks: 3 },
  ]);
});

test('a row counts once: a chunk that is committed counts by itself, whatever was told of it before or after', async () => {
  await using lane = await stage.openLane('copy/t/1');
  const chunk = await lane.claim(['t']);
  await tell(lane, { rows: 9 });
  const written = await stage.write(lane, plan, 0);
  await lane.commit(chunk!, written.rows, written.bytes);
  expect(await rowsCopied()).toBe(10);
  await tell(lane, { rows: 9 });
  expect(await rowsCopied()).toBe(10);
});

test('a chunk that went to another lane counts once', async () => {
  await using first = await claimed();
  await tell(first, { rows: 8 });
  await first.rollback();
  await using second = await stage.openLane('copy/t/2');
  await second.claim(['t']);
  await tell(second, { rows: 1 });
  expect(await rowsCopied()).toBe(8);
});

test.each<[string, (lane: CopyLane) => Promise<unknown>]>([
  ['is given up', async (lane) => lane[Symbol.asyncDispose]()],
  ['loses its process', ({ process }) => execute(stage.url, `select pg_terminate_backend(${process.pid}, 10000)`)],
  ['is undone with all others', () => stage.target.control.raiseEpoch(stage.runId)],
])('what a lane had in hand counts no more when it %s', async (_how, end) => {
  await using lane = await claimed();
  await tell(lane, { rows: 5 });
  expect(await rowsCopied()).toBe(5);
  await end(lane);
  expect(await rowsCopied()).toBe(0);
  await tell(lane, { rows: 6 });
  expect(await rowsCopied()).toBe(0);
});

test('what an earlier attempt had in hand counts no more once the lane is taken over, however late it is told', async () => {
  await using zombie = await claimed();
  await tell(zombie, { rows: 5 });
  await using heir = await claimed();
  expect(await rowsCopied()).toBe(0);
  await tell(heir, { rows: 2 });
  await tell(zombie, { rows: 7 });
  expect(await rowsCopied()).toBe(2);
});

test('a copy that starts over has nothing in hand', async () => {
  await using lane = await claimed();
  await tell(lane, { rows: 5 });
  await lane.rollback();
  await stage.target.control.forgetCopy(stage.runId);
  expect(await stage.column('select lane from temporal_migrate.in_hand')).toEqual([]);
});

test('a control schema made before there was such a table gets it with the next run', async () => {
  await execute(stage.url, 'drop table temporal_migrate.in_hand');
  await stage.target.control.openRun({
    runId: 'next',
    workflowId: 'w',
    sourceName: 'source',
    targetName: 'target',
    fingerprint: 'f',
  });
  expect(await rowsCopied()).toBe(0);
});
