import type { Phase } from '../../../domain/phases';
import { query } from '../../helpers/databases';
import { EndingStage, type EndingCase } from '../../helpers/endings';
import { until } from '../../helpers/faultsUntil';

/** An activity of each phase, in their order: where it is held, the migration is in that phase. */
const HELD: readonly (readonly [phase: Phase, activityType: string])[] = [
  ['preflight', 'preflight'],
  ['assessment', 'assess'],
  ['plan', 'plan'],
  ['prepareTarget', 'prepareTarget'],
  ['cutover', 'freezeSource'],
  ['copy', 'copyChunks'],
  ['buildTarget', 'addForeignKeys'],
  ['verify', 'verifyTables'],
  ['cutover', 'applySwitch'],
];

/** Where a pause that began in the last activity of a phase holds, if not in that phase. */
const HELD_IN: Readonly<Record<string, Phase>> = {
  prepareTarget: 'awaiting approval',
  addForeignKeys: 'cutover',
  verifyTables: 'cutover',
};

let stage: EndingStage;
beforeAll(async () => {
  stage = await EndingStage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function holding(...activityTypes: string[]): Promise<EndingCase> {
  const one = await stage.prepare();
  for (const activityType of activityTypes) await one.order('begun', activityType, 'hold');
  return one;
}

/** Waits until nothing but the activities named is under way: what the migration does not do by then, it does not do. */
async function idle({ run }: EndingCase, but: readonly string[] = []): Promise<void> {
  await until('nothing is under way', async () => {
    const pending = await run.pending();
    return pending.every((activityType) => but.includes(activityType));
  });
}

test('a pause in any phase holds before the next step, tells at what cost, and resume goes on to the end', async () => {
  await using one = await holding(...HELD.map(([, activityType]) => activityType));
  const run = await one.start({ cutover: { maxFreezeSeconds: 600 } });
  const paused = async (): Promise<void> => {
    await run.signal('pause', { by: 'ann' });
    await run.until('is paused', ({ waitingFor }) => waitingFor === 'resume');
  };
  await one.accountable(async () => {
    for (const [phase, activityType] of HELD) {
      if (activityType === 'freezeSource') await approvedWhilePaused(one, paused);
      await one.untilHeld('begun', activityType);
      await paused();
      await one.release('begun', activityType);
      if (activityType === 'applySwitch') break;
      // Lanes stay, and claim no chunk.
      await idle(one, activityType === 'copyChunks' ? ['copyChunks'] : []);
      const progress = await run.progress();
      expect([progress?.phase, progress?.waitingFor]).toEqual([HELD_IN[activityType] ?? phase, 'resume']);
      if (phase === 'copy') expect(await query(one.targetUrl, 'SELECT id FROM customers')).toEqual([]);
      expect(await run.details()).toMatch(
        ['freezeSource', 'copyChunks', 'addForeignKeys', 'verifyTables'].includes(activityType)
          ? /Paused while the source is frozen: nobody can write meanwhile, and the cutover is sent back at/
          : activityType === 'prepareTarget'
            ? /an approval counts, and the cutover begins when it goes on/
            : /it holds before its next step/,
      );
      await run.signal('resume', { by: 'ann' });
    }
    // The switch is not held: nobody could write before it is done.
    await run.until('is live', ({ phase }) => phase === 'observe');
    await run.signal('acceptMigration', { approver: 'ann' });
    await run.until('is held', ({ phase }) => phase === 'awaiting acceptance');
    await idle(one);
    expect((await run.progress())?.phase).toBe('awaiting acceptance');
    await run.signal('resume', { by: 'ann' });
    const { outcome, decisions, tables } = await run.result();
    expect(outcome).toBe('accepted');
    expect(tables.map(({ verifiedRows, mismatches }) => [verifiedRows, mismatches])).toEqual([
      [3, 0],
      [4, 0],
    ]);
    expect(decisions.filter(({ kind }) => kind === 'pause')).toHaveLength(HELD.length + 1);
  });
});

/** An approval counts during a pause; the cutover begins behind it. */
async function approvedWhilePaused({ run }: EndingCase, paused: () => Promise<void>): Promise<void> {
  await run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
  await paused();
  expect(await run.update('approve', { approver: 'ann' })).toBe('approval 1 of 1');
  expect((await run.progress())?.phase).toBe('awaiting approval');
  expect(await run.details()).toMatch(/an approval counts, and the cutover begins when it goes on/);
  await run.signal('resume', { by: 'ann' });
}

/** A body that each signal takes. */
const BODIES = {
  approveCutover: { approver: 'eve' },
  rejectCutover: { approver: 'eve', reason: 'why not' },
  requestRollback: { by: 'eve', reason: 'why not' },
  acceptMigration: { approver: 'eve' },
  resume: { by: 'eve' },
  throttle: { rowsPerSecond: 5 },
  pause: { by: 'eve' },
} as const;
type Signal = keyof typeof BODIES;
const UPDATES = { approve: 'approveCutover', rollback: 'requestRollback', accept: 'acceptMigration' } as const;

/** Bodies that none of them takes. */
const SHAPELESS = [undefined, null, 'ann', 7, [], { approver: '', by: '', rowsPerSecond: -1 }, { unknown: 1 }];

const DECISIONS = ['approveCutover', 'rejectCutover', 'requestRollback', 'acceptMigration', 'resume'] as const;

/** Sends what is not due: as a signal it is listed with a reason, as an update refused with it; nothing changes. */
async function expectNotDue(
  { run }: EndingCase,
  signals: readonly Signal[],
  bodies?: readonly unknown[],
): Promise<void> {
  const before = await run.until('answers', () => true);
  let expected = before.ignoredSignals.length;
  for (const signal of signals) {
    for (const body of bodies ?? [BODIES[signal]]) {
      await run.signal(signal, body);
      expected += 1;
    }
  }
  const after = await run.until('has ignored them', ({ ignoredSignals }) => ignoredSignals.length >= expected);
  expect(
    after.ignoredSignals.slice(before.ignoredSignals.length).map(({ signal, reason }) => [signal, reason.length > 10]),
  ).toEqual(signals.flatMap((signal) => (bodies ?? [null]).map(() => [signal, true])));
  for (const [update, signal] of Object.entries(UPDATES)) {
    if (bodies === undefined && signals.includes(signal))
      await expect(run.update(update, BODIES[signal])).rejects.toMatchObject({ cause: { type: 'DECISION_NOT_DUE' } });
  }
  const { phase, waitingFor, decisions, approvals, throttledTo } = await run.until('answers', () => true);
  expect({ phase, waitingFor, decisions, approvals, throttledTo }).toEqual({
    phase: before.phase,
    waitingFor: before.waitingFor,
    decisions: before.decisions,
    approvals: before.approvals,
    throttledTo: before.throttledTo,
  });
}

test('what comes too early, too late, twice or in the wrong shape changes nothing in any phase, and is told why', async () => {
  await using one = await holding(...HELD.map(([, activityType]) => activityType), 'closeRun');
  const run = await one.start();
  await one.accountable(async () => {
    for (const [phase, activityType] of HELD) {
      if (activityType === 'freezeSource') {
        await run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
        await expectNotDue(one, ['requestRollback', 'acceptMigration', 'resume']);
        await expectNotDue(
          one,
          ['approveCutover'],
          [{ approver: 'eve', evidence: '000000000000' }, ...SHAPELESS.slice(0, 3)],
        );
        await run.signal('approveCutover', { approver: 'ann' });
      }
      await one.untilHeld('begun', activityType);
      expect((await run.progress())?.phase).toBe(phase);
      const live = activityType === 'applySwitch';
      await expectNotDue(
        one,
        live ? ['approveCutover', 'rejectCutover', 'acceptMigration', 'resume', 'throttle'] : DECISIONS,
      );
      await one.release('begun', activityType);
    }
    await run.until('is live', ({ waitingFor }) => waitingFor === 'acceptance');
    await expectNotDue(one, ['approveCutover', 'rejectCutover', 'resume', 'throttle']);
    await expect(run.update('accept', { approver: 7 })).rejects.toMatchObject({ cause: { type: 'INPUT_INVALID' } });
    expect(await run.update('accept', { approver: 'ann' })).toBe('accepted');
    await one.untilHeld('begun', 'closeRun');
    expect((await run.progress())?.phase).toBe('retire');
    await expectNotDue(one, Object.keys(BODIES) as Signal[]);
    await one.release('begun', 'closeRun');
    expect((await run.result()).decisions.map(({ kind, by }) => `${kind} ${by}`)).toEqual([
      'approve ann',
      'accept ann',
    ]);
    await expect(run.signal('pause', {})).rejects.toThrow(/completed|not found/i);
  });
});

test('what comes while a migration is undone changes nothing; bodies of the wrong shape are ignored by every signal', async () => {
  await using one = await holding('dropMade');
  const run = await one.start();
  await one.accountable(async () => {
    await run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
    const strict = ['approveCutover', 'rejectCutover', 'requestRollback', 'acceptMigration', 'throttle'] as const;
    await expectNotDue(one, strict, SHAPELESS);
    await expectNotDue(one, ['pause', 'resume'], ['ann', 7, { by: 7 }, { unknown: 1 }]);
    await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
    await one.untilHeld('begun', 'dropMade');
    expect((await run.progress())?.phase).toBe('compensation');
    await expectNotDue(one, Object.keys(BODIES) as Signal[]);
    await one.release('begun', 'dropMade');
    expect((await run.result()).outcome).toBe('rejected');
  });
});
