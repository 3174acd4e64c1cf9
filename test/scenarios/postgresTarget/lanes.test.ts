import { CopyStage } from '../../helpers/copyStage';
import { execute } from '../../helpers/databases';

let stage: CopyStage;
beforeEach(async () => {
  stage = await CopyStage.open();
});
afterEach(async () => stage[Symbol.asyncDispose]());

const everyRowOnce = (table: string) =>
  stage.column(`select count(*) || ' of ' || count(distinct n) from public.${table}`);
const pidOf = async (lane: string) =>
  Number((await stage.column(`select backend_pid from temporal_migrate.lanes where lane = '${lane}'`))[0]);

test('lanes at work at once never copy one chunk twice, and leave none', async () => {
  const plan = await stage.table('shared', 40);
  const lanes = await Promise.all(['a', 'b', 'c'].map((lane) => stage.openLane(lane)));
  const copied = await Promise.all(lanes.map((lane) => stage.copyAll(lane, plan)));
  expect(copied.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, ordinal) => ordinal));
  expect(copied.every((ordinals) => ordinals.length > 0)).toBe(true);
  expect(await everyRowOnce('shared')).toEqual(['400 of 400']);
  expect(await stage.target.control.copyProgress(stage.runId)).toEqual([
    expect.objectContaining({ table: 'shared', rows: 400, chunksDone: 40, chunks: 40 }),
  ]);
  await Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]()));
  expect(await stage.column('select lane from temporal_migrate.lanes')).toEqual([]);
});

test('chunks are claimed table by table in the order given, each in its own order', async () => {
  await stage.table('large', 2);
  await stage.table('little', 1);
  await using lane = await stage.openLane('a');
  const claimed: string[] = [];
  for (let chunk = await lane.claim(['large', 'little']); chunk; chunk = await lane.claim(['large', 'little'])) {
    claimed.push(`${chunk.table} ${chunk.ordinal} ${JSON.stringify(chunk.range)}`);
    await lane.commit(chunk, 0, 0);
  }
  expect(claimed).toEqual([
    'large 0 {"after":null,"upTo":["10"]}',
    'large 1 {"after":["10"],"upTo":null}',
    'little 0 {"after":null,"upTo":null}',
  ]);
});

test('a chunk that another lane gave back is found at the end', async () => {
  const plan = await stage.table('given', 3);
  await using first = await stage.openLane('first');
  await using second = await stage.openLane('second');
  const held = await first.claim(['given']);
  const chunk = await second.claim(['given']);
  expect([held?.ordinal, chunk?.ordinal]).toEqual([0, 1]);
  const written = await stage.write(second, plan, 1);
  await second.commit(chunk!, written.rows, written.bytes);
  await first.rollback();
  expect((await stage.copyAll(second, plan)).sort()).toEqual([0, 2]);
});

test('rows that were read but not written are never committed', async () => {
  const plan = await stage.table('short', 1);
  await using lane = await stage.openLane('a');
  const chunk = await lane.claim(['short']);
  await stage.write(lane, plan, 0);
  await expect(lane.commit(chunk!, 11, 0)).rejects.toMatchObject({ code: 'INTERNAL' });
  await lane.rollback();
  expect(await everyRowOnce('short')).toEqual(['0 of 0']);
});

test('a zombie attempt that wakes after its lane was taken over cannot commit', async () => {
  const plan = await stage.table('haunted', 1);
  await using zombie = await stage.openLane('lane');
  const chunk = await zombie.claim(['haunted']);
  const written = await stage.write(zombie, plan, 0);
  // It holds its claim and is silent; the next attempt ends its server process and has the chunk at once.
  await using heir = await stage.openLane('lane');
  expect(await stage.copyAll(heir, plan)).toEqual([0]);
  await expect(zombie.commit(chunk!, written.rows, written.bytes)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  await expect(zombie.claim(['haunted'])).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  expect(await everyRowOnce('haunted')).toEqual(['10 of 10']);
});

test('a zombie in the middle of a COPY that takes nothing is ended too', async () => {
  const plan = await stage.table('stalled', 1);
  await using zombie = await stage.openLane('lane');
  await zombie.claim(['stalled']);
  const writer = zombie.writer(plan, [{ kind: 'integer' }, { kind: 'text', charset: 'utf8mb4' }]);
  await writer.begin();
  await using heir = await stage.openLane('lane');
  expect(await stage.copyAll(heir, plan)).toEqual([0]);
  await expect(writer.end()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});

test('attempts of one lane that start at once end with one of them at work', async () => {
  await stage.table('contended', 1);
  const opened = await Promise.allSettled([1, 2, 3, 4].map(() => stage.openLane('lane')));
  const lanes = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const claims = await Promise.allSettled(lanes.map((lane) => lane.claim(['contended'])));
  expect(claims.filter((claim) => claim.status === 'fulfilled')).toHaveLength(1);
  await Promise.all(lanes.map((lane) => lane[Symbol.asyncDispose]()));
});

describe('a raised epoch', () => {
  test('ends lanes in the middle of a chunk, and what they wrote is gone', async () => {
    const plan = await stage.table('undone', 2);
    await using lane = await stage.openLane('lane');
    const chunk = await lane.claim(['undone']);
    const written = await stage.write(lane, plan, 0);
    expect(await stage.target.control.raiseEpoch(stage.runId)).toBe(stage.epoch + 1);
    await expect(lane.commit(chunk!, written.rows, written.bytes)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await everyRowOnce('undone')).toEqual(['0 of 0']);
  });

  test('shuts out who opens a lane, or claims with one nobody knows of, in an older epoch', async () => {
    await stage.table('old', 1);
    await using unknown = await stage.openLane('unknown');
    await execute(stage.url, 'delete from temporal_migrate.lanes');
    await stage.target.control.raiseEpoch(stage.runId);
    await expect(stage.openLane('late')).rejects.toMatchObject({ code: 'EPOCH_STALE', retryable: false });
    await expect(unknown.claim(['old'])).rejects.toMatchObject({ code: 'EPOCH_STALE' });
    await using lane = await stage.openLane('new', stage.epoch + 1);
    expect(await lane.claim(['old'])).toMatchObject({ ordinal: 0 });
  });

  test('waits for a chunk that a lane nobody knows of is committing', async () => {
    const plan = await stage.table('unknown', 1);
    await using lane = await stage.openLane('unknown');
    const chunk = await lane.claim(['unknown']);
    const written = await stage.write(lane, plan, 0);
    await execute(stage.url, 'delete from temporal_migrate.lanes');
    let raised = false;
    const raising = stage.target.control.raiseEpoch(stage.runId).then((epoch) => {
      raised = true;
      return epoch;
    });
    while (!(await stage.column(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`)).length);
    expect(raised).toBe(false);
    await lane.commit(chunk!, written.rows, written.bytes);
    expect(await raising).toBe(stage.epoch + 1);
  });

  test('lets the run’s state and pace change while a chunk is copied', async () => {
    await stage.table('paced', 1);
    await using lane = await stage.openLane('copy/paced/1');
    await lane.claim(['paced']);
    const { control } = stage.target;
    await control.setPace(stage.runId, { rowsPerSecond: 7.5, paused: true });
    expect(await control.readPace(stage.runId)).toEqual({ rowsPerSecond: 7.5, paused: true, lanes: 1 });
    expect(await control.transition(stage.runId, ['open'], 'frozen')).toBe(true);
  });
});

test('the death of a lane’s server process leaves nothing of its chunk, and the chunk to others', async () => {
  const plan = await stage.table('killed', 4);
  await using victim = await stage.openLane('copy/killed/1');
  await victim.claim(['killed']);
  await stage.write(victim, plan, 0);
  await execute(stage.url, `select pg_terminate_backend(${await pidOf('copy/killed/1')}, 10000)`);
  await using other = await stage.openLane('copy/killed/2');
  expect(await stage.copyAll(other, plan)).toEqual([0, 1, 2, 3]);
  expect(await everyRowOnce('killed')).toEqual(['40 of 40']);
  // What is left of the victim's registration counts for nothing.
  expect((await stage.target.control.readPace(stage.runId)).lanes).toBe(1);
});
