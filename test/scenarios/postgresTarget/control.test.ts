import type { Finding } from '../../../domain/finding';
import { postgresEngine } from '../../../engines/postgres';
import { samePosition, type Position } from '../../../domain/position';
import { CopyStage, COPY_COLUMNS } from '../../helpers/copyStage';
import { execute, freshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';
import { planOf, settingsOf } from '../../helpers/targetRows';

let stage: CopyStage;
beforeEach(async () => {
  stage = await CopyStage.open();
});
afterEach(async () => stage[Symbol.asyncDispose]());

const RUN = { workflowId: 'w', sourceName: 'source', targetName: 'target', fingerprint: 'f' };

test('first runs that begin at once make one control schema', async () => {
  await using database = await freshDatabase(sharedServers().postgresUrl);
  const targets = await Promise.all([1, 2, 3, 4].map(() => postgresEngine.openTarget!(settingsOf(database.url))));
  try {
    const epochs = await Promise.all(
      targets.map(({ control }, index) => control.openRun({ runId: `r${index}`, ...RUN })),
    );
    expect(epochs).toEqual([1, 1, 1, 1]);
  } finally {
    await Promise.all(targets.map((target) => target[Symbol.asyncDispose]()));
  }
});

test('a run is opened once, and not for another source schema', async () => {
  const { control } = stage.target;
  expect(await control.raiseEpoch(stage.runId)).toBe(2);
  expect(await control.openRun({ runId: stage.runId, ...RUN })).toBe(2);
  expect(await control.fingerprint(stage.runId)).toBe('f');
  expect(await control.fingerprint('nobody')).toBeNull();
  await expect(control.openRun({ runId: stage.runId, ...RUN, fingerprint: 'g' })).rejects.toMatchObject({
    code: 'PLAN_CHANGED',
  });
});

test('of all who would decide a run, one does', async () => {
  const { control } = stage.target;
  expect(await control.runState(stage.runId)).toBe('open');
  expect(await control.transition(stage.runId, ['open'], 'frozen')).toBe(true);
  const others = await Promise.all([1, 2, 3].map(() => postgresEngine.openTarget!(settingsOf(stage.url))));
  const decided = await Promise.all(
    others.map((target, index) =>
      target.control.transition(stage.runId, ['frozen'], index === 1 ? 'aborted' : 'committed'),
    ),
  );
  expect(decided.filter(Boolean)).toHaveLength(1);
  await Promise.all(others.map((target) => target[Symbol.asyncDispose]()));
  expect(await control.transition(stage.runId, ['open', 'frozen'], 'aborted')).toBe(false);
  expect(await control.runState('nobody')).toBeNull();
});

test('a thousand tables are planned and stored in a moment, and come back as they were, largest first', async () => {
  const { control } = stage.target;
  const plans = Array.from({ length: 1_000 }, (_, index) => {
    const plan = planOf(
      `t${index}`,
      Array.from({ length: 20 }, (_unused, n) => ({ ...COPY_COLUMNS[0]!, name: `c${n}` })),
    );
    return {
      ...plan,
      table: { ...plan.table, source: { ...plan.table.source, bytes: index, comment: 'NUL \0 and \ud800' } },
    };
  });
  const findings: Finding[] = plans.map(({ table }) => ({
    code: 'TYPE_CHANGED',
    severity: 'info',
    object: table.source.name,
    source: 'it\'s "so"',
    target: '\\',
    reason: 'because',
  }));
  const begun = performance.now();
  await control.savePlan(stage.runId, plans, findings);
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect(await control.loadPlan(stage.runId, null)).toEqual([...plans].reverse());
  expect(await control.loadPlan(stage.runId, ['t7', 't9', 'none'])).toEqual([plans[9], plans[7]]);
  expect(await control.loadFindings(stage.runId)).toEqual(findings);
  await control.savePlan(stage.runId, plans.slice(0, 1), []);
  expect(await control.loadPlan(stage.runId, null)).toEqual([plans[0]]);
  expect(await control.loadFindings(stage.runId)).toEqual([]);
});

test('facts are kept by table', async () => {
  const { control } = stage.target;
  const facts = { rows: 3, columns: { n: { min: '1', max: '18446744073709551615' } }, orphans: {} };
  await control.saveFacts(stage.runId, 'a', { ...facts, rows: 1 });
  await control.saveFacts(stage.runId, 'a', facts);
  expect(await control.loadFacts(stage.runId)).toEqual(new Map([['a', facts]]));
});

test('chunk bounds are chosen once, whoever saves them at the same time', async () => {
  const others = await Promise.all([1, 2, 3, 4].map(() => postgresEngine.openTarget!(settingsOf(stage.url))));
  const ranges = (own: number) =>
    Array.from({ length: own + 1 }, (_, n) => ({ after: [String(own)], upTo: [String(n), '\0'] }));
  await Promise.all(others.map((target, index) => target.control.saveChunks(stage.runId, 't', ranges(index))));
  await Promise.all(others.map((target) => target[Symbol.asyncDispose]()));
  const { control } = stage.target;
  const chunks = await control.loadChunks(stage.runId, 't');
  const winner = chunks.length - 1;
  expect(chunks).toEqual(ranges(winner).map((range, ordinal) => ({ ordinal, range, rows: null })));
  expect([await control.hasChunks(stage.runId, 't'), await control.hasChunks(stage.runId, 'u')]).toEqual([true, false]);
});

test('a copy that starts over has every chunk before it again', async () => {
  const plan = await stage.table('again', 3);
  await using lane = await stage.openLane('copy/again/1');
  await stage.copyAll(lane, plan);
  const { control } = stage.target;
  expect((await control.loadChunks(stage.runId, 'again')).map(({ rows }) => rows)).toEqual([10, 10, 10]);
  await stage.target.emptyTables({ runId: stage.runId }, [plan]);
  expect(await control.copyProgress(stage.runId)).toEqual([
    { table: 'again', rows: 0, bytes: 0, chunksDone: 0, chunks: 3 },
  ]);
});

describe('freezes', () => {
  test('are overdue once their deadline has passed, until the run is committed or they are cleared', async () => {
    const { control } = stage.target;
    const record = { runId: stage.runId, sourceName: 'source', found: { super_read_only: 'OFF', read_only: 'OFF' } };
    await control.saveFreeze({ ...record, deadline: null }, []);
    expect(await control.overdueFreezes()).toEqual([]);
    await control.saveFreeze({ ...record, deadline: Date.now() + 60_000 }, []);
    expect(await control.overdueFreezes()).toEqual([]);
    const overdue = { ...record, deadline: Date.now() - 1_000 };
    await control.saveFreeze(overdue, []);
    expect(await control.loadFreeze(stage.runId)).toEqual(overdue);
    expect(await control.overdueFreezes()).toEqual([overdue]);
    await control.transition(stage.runId, ['open'], 'committed');
    expect(await control.overdueFreezes()).toEqual([]);
    await control.clearFreeze(stage.runId, 'unfreeze the source');
    expect(await control.loadFreeze(stage.runId)).toBeNull();
  });

  test('are none where no migration has ever been', async () => {
    await using database = await freshDatabase(sharedServers().postgresUrl);
    await using target = await postgresEngine.openTarget!(settingsOf(database.url));
    expect(await target.control.overdueFreezes()).toEqual([]);
  });
});

test('a verified part is not compared again within its epoch', async () => {
  const { control } = stage.target;
  const position: Position = { kind: 'binlogFile', server: 's', file: 'f', offset: '4' };
  const result = { sourceRows: 1, targetRows: 1, verifiedRows: 1, mismatches: 0, examples: [] };
  await control.saveVerified(stage.runId, 1, 't', 'p', { ...result, mismatches: 5 });
  await control.saveVerified(stage.runId, 1, 't', 'p', result);
  expect(await control.loadVerified(stage.runId, 1, 't')).toEqual(new Map([['p', result]]));
  expect(await control.loadVerified(stage.runId, 2, 't')).toEqual(new Map());
  // Positions are compared as text: a store that reorders keys would make equal ones differ.
  await control.saveFacts(stage.runId, 'p', position as never);
  expect(samePosition((await control.loadFacts(stage.runId)).get('p') as never, position)).toBe(true);
});

test('a server and its database have an identity of their own', async () => {
  await using other = await freshDatabase(sharedServers().postgresUrl);
  await using same = await postgresEngine.openTarget!(settingsOf(stage.url));
  await using different = await postgresEngine.openTarget!(settingsOf(other.url));
  const identity = await stage.target.identity();
  expect(identity.version).toMatch(/^PostgreSQL \d+\.\d+$/);
  expect((await same.identity()).id).toBe(identity.id);
  expect((await different.identity()).id).not.toBe(identity.id);
});

test('a role without superuser rights has all it needs', async () => {
  await using database = await freshDatabase(sharedServers().postgresUrl);
  const role = `${database.name}_plain`;
  await execute(
    database.url,
    `create role ${role} login password 'plain'; grant create on database ${database.name} to ${role}`,
  );
  try {
    await using target = await postgresEngine.openTarget!({
      ...settingsOf(database.url),
      user: role,
      password: 'plain',
    });
    await target.control.openRun({ runId: 'r', ...RUN });
    const work = { runId: 'r', epoch: 1, lane: 'lane' };
    await using zombie = await target.openLane(work);
    await using heir = await target.openLane(work);
    await expect(zombie.claim([])).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await heir.claim([])).toBeNull();
    expect(await target.control.raiseEpoch('r')).toBe(2);
  } finally {
    await execute(database.url, `drop owned by ${role}; drop role ${role}`);
  }
});
