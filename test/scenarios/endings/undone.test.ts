import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { execute, query } from '../../helpers/databases';
import { EndingStage, type EndingCase } from '../../helpers/endings';
import { keptSchema, loggedUndo, snapshot } from '../../helpers/endingsSnapshot';
import { inPool } from '../../helpers/inPool';

/** A way to end before anybody accepts. */
interface Ending {
  /** What the servers have before the migration begins. */
  readonly given?: (one: EndingCase) => Promise<void>;
  /** Leads the started migration to its place, and ends it there, or lets it fail. */
  readonly end: (one: EndingCase) => Promise<void>;
  readonly input?: object;
  /** The undo step behind which the worker is killed: it is then done a second time, whole. None where nothing is undone. */
  readonly killedBehind: string | null;
  /** Whether it ends behind the commit point, where what was written on the target is kept. */
  readonly live?: boolean;
  readonly ends: 'CANCELLED' | 'FAILED' | 'rejected' | 'aborted' | 'rolledBack';
}

type Held = readonly [moment: 'begun' | 'done', activityType: string];

/** Cancelled while an activity is held before its work, or behind it when the workflow has not heard of it yet. */
const cancelledAt = ([moment, activityType]: Held, killedBehind: string | null): Ending => ({
  killedBehind,
  ends: 'CANCELLED',
  given: (one) => one.order(moment, activityType, 'hold'),
  end: async (one) => {
    await one.approveWhenAsked();
    await one.untilHeld(moment, activityType);
    await one.run.cancel();
    await one.release(moment, activityType);
  },
});

const cancelledAwaiting = (waitingFor: 'approval' | 'acceptance', killedBehind: string): Ending => ({
  killedBehind,
  ends: 'CANCELLED',
  end: async ({ run }) => {
    if (waitingFor === 'acceptance') await run.approve();
    await run.until(`awaits ${waitingFor}`, (progress) => progress.waitingFor === waitingFor);
    await run.cancel();
  },
});

/** Approved, sent back by what goes wrong, and rejected by whoever reads why. */
const sentBack = (code: RegExp, killedBehind: string, wrong: Pick<Ending, 'given'> & Partial<Ending>): Ending => ({
  ends: 'rejected',
  killedBehind,
  input: { cutover: { attempts: 1 } },
  end: (one) => rejectSentBack(one, code),
  ...wrong,
});

async function rejectSentBack({ run }: EndingCase, code: RegExp): Promise<void> {
  await run.approve();
  const { lastFailure } = await run.until('is sent back', (progress) => progress.lastFailure !== null);
  expect(lastFailure).toMatch(code);
  await run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
  await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
}

/** The target does something of its own to statements with these words. */
const onTarget =
  (words: string, does: string) =>
  ({ targetUrl }: EndingCase): Promise<void> =>
    execute(
      targetUrl,
      `CREATE FUNCTION archive.does() RETURNS event_trigger LANGUAGE plpgsql AS $$
       BEGIN IF current_query() ~* '${words}' THEN ${does}; END IF; END $$;
       CREATE EVENT TRIGGER does ON ddl_command_end EXECUTE FUNCTION archive.does()`,
    );
const REFUSED = `RAISE EXCEPTION 'no more of this here'`;

/** Somebody breaks the freeze, just before it is looked at for the last time. */
const freezeBroken: Pick<Ending, 'given' | 'end'> = {
  given: (one) => one.order('begun', 'commitCutover', 'hold'),
  end: async (one) => {
    await one.run.approve();
    await one.untilHeld('begun', 'commitCutover');
    await execute(one.sourceUrl, `GRANT INSERT ON ${one.name}.* TO ${one.name}`);
    await one.release('begun', 'commitCutover');
    await rejectAgain(one);
  },
};

async function rejectAgain({ run }: EndingCase): Promise<void> {
  const { lastFailure } = await run.until('is sent back', (progress) => progress.lastFailure !== null);
  expect(lastFailure).toMatch(/FREEZE_LOST/);
  await run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
  await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  'cancelled in preflight': cancelledAt(['done', 'preflight'], null),
  'cancelled in the assessment, before anything is noted': cancelledAt(['begun', 'assess'], 'closeRun'),
  'cancelled behind the assessment': cancelledAt(['done', 'assess'], 'closeRun'),
  'cancelled in the plan': cancelledAt(['done', 'plan'], 'closeRun'),
  'cancelled in the backup': {
    ...cancelledAt(['done', 'backupTarget'], 'clearBackup'),
    input: { backup: { mode: 'whenNotEmpty' } },
  },
  'cancelled in the trial': { ...cancelledAt(['done', 'runTrial'], 'removeTrial'), input: { trial: { percent: 100 } } },
  'cancelled in prepareTarget': cancelledAt(['done', 'prepareTarget'], 'dropMade'),
  'cancelled while the approval is awaited': cancelledAwaiting('approval', 'closeRun'),
  'cancelled in the freeze': cancelledAt(['done', 'freezeSource'], 'unfreezeSource'),
  'cancelled in the copy': cancelledAt(['done', 'copyChunks'], 'emptyTables'),
  'cancelled in buildTarget': cancelledAt(['begun', 'addForeignKeys'], 'abortCutover'),
  'cancelled in the verification': cancelledAt(['begun', 'verifyTables'], 'unfreezeSource'),
  'cancelled behind the commit point, before anybody knows of it': {
    ...cancelledAt(['done', 'commitCutover'], 'setAside'),
    live: true,
  },
  'cancelled in the switch': { ...cancelledAt(['done', 'applySwitch'], 'undoSwitch'), live: true },
  'cancelled while the acceptance is awaited': {
    ...cancelledAwaiting('acceptance', 'unfreezeSource'),
    live: true,
  },

  'a role that is not there, in preflight': {
    input: { targetGrants: [{ role: 'nobody at all', privileges: 'read' }] },
    end: () => Promise.resolve(),
    killedBehind: null,
    ends: 'FAILED',
  },
  'a failure in the assessment': {
    given: (one) => one.order('begun', 'assess', 'fail'),
    end: () => Promise.resolve(),
    killedBehind: 'closeRun',
    ends: 'FAILED',
  },
  'a zero date, in the plan': {
    given: ({ sourceUrl }) =>
      execute(sourceUrl, `SET sql_mode = ''; UPDATE customers SET born = '0000-00-00' WHERE id = 2`),
    end: () => Promise.resolve(),
    killedBehind: 'closeRun',
    ends: 'FAILED',
  },
  'a failure in the backup': {
    input: { backup: { mode: 'whenNotEmpty' } },
    given: (one) => one.order('done', 'backupTarget', 'fail'),
    end: () => Promise.resolve(),
    killedBehind: 'clearBackup',
    ends: 'FAILED',
  },
  'a target that builds no index, in the trial': {
    input: { trial: { percent: 100 } },
    given: onTarget('add constraint|index .* on "?(public|temporal_migrate_trial)', REFUSED),
    end: () => Promise.resolve(),
    killedBehind: 'removeTrial',
    ends: 'FAILED',
  },
  'a target that makes no further table, in prepareTarget': {
    given: onTarget('create table .*orders', REFUSED),
    end: () => Promise.resolve(),
    killedBehind: 'dropMade',
    ends: 'FAILED',
  },
  rejected: {
    end: async ({ run }) => {
      await run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
      await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
    },
    killedBehind: 'dropMade',
    ends: 'rejected',
  },
  'an approval that does not come': {
    input: { cutover: { approvalTimeout: '1 second' } },
    end: () => Promise.resolve(),
    killedBehind: 'dropMade',
    ends: 'aborted',
  },
  'a failure behind the freeze': sentBack(/INTERNAL/, 'unfreezeSource', {
    given: (one) => one.order('done', 'freezeSource', 'fail'),
  }),
  'a failure in the copy': sentBack(/INTERNAL/, 'emptyTables', {
    given: (one) => one.order('done', 'copyChunks', 'fail'),
  }),
  'a target that builds no index': sentBack(/BUILD_FAILED|STATEMENT_FAILED|INTERNAL/, 'dropMade', {
    given: onTarget('add constraint|index .* on "?(public|temporal_migrate_trial)', REFUSED),
  }),
  'a row that somebody takes away before it is verified': sentBack(/VERIFICATION_FAILED/, 'emptyTables', {
    given: onTarget('foreign key', `DELETE FROM public.orders WHERE note = 'two'`),
  }),
  'a freeze that somebody breaks before the commit point': {
    ...sentBack(/FREEZE_LOST/, 'abortCutover', {}),
    ...freezeBroken,
  },
  'a failure in the switch': {
    given: (one) => one.order('done', 'applySwitch', 'fail'),
    end: ({ run }) => run.approve(),
    killedBehind: 'setAside',
    live: true,
    ends: 'FAILED',
  },
  'a rollback of a live target': {
    end: async ({ run, targetUrl }) => {
      await run.approve();
      await run.until('is live', ({ waitingFor }) => waitingFor === 'acceptance');
      await execute(targetUrl, `INSERT INTO orders (customer_id, note) VALUES (1, 'written on the target')`);
      await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
    },
    killedBehind: 'undoSwitch',
    live: true,
    ends: 'rolledBack',
  },
};

/** Each has a worker of its own; most of its time goes by waiting for Temporal to miss the one that was killed. */
const AT_ONCE = 6;

let stage: EndingStage | undefined;
const running = new Map<string, Promise<void>>();
beforeAll(async () => {
  const opened = (stage = await EndingStage.open());
  const pool = inPool(AT_ONCE);
  for (const [name, ending] of Object.entries(ENDINGS)) {
    const ended = pool(() => endsAsItBegan(opened, ending));
    // Its own test awaits it, perhaps later.
    ended.catch(() => undefined);
    running.set(name, ended);
  }
});
afterAll(async () => {
  await Promise.allSettled(running.values());
  await stage?.[Symbol.asyncDispose]();
});

describe('both servers end as they were, and the log says what was undone, with the worker killed amid the undo', () => {
  test.each(Object.keys(ENDINGS))('%s', async (name) => running.get(name));
});

async function endsAsItBegan(
  opened: EndingStage,
  { given, end, input, killedBehind, live = false, ends }: Ending,
): Promise<void> {
  await using one = await opened.prepare();
  await one.accountable(async () => {
    await given?.(one);
    const before = await snapshot(one);
    if (killedBehind !== null) await one.order('done', killedBehind, 'kill');
    await one.start(input);
    await end(one);
    expect(await one.ending()).toBe(ends);
    expect(one.supervisor.deaths).toBe(killedBehind === null ? 0 : 1);
    const kept = await keptSchema(one.targetUrl);
    expect(kept !== null).toBe(live);
    expect(await snapshot(one, kept)).toEqual(before);
    expect(await loggedUndo(one.targetUrl, kept)).toMatchObject({ left: [] });
    expect(await readFile(one.switchFile, 'utf8')).toBe('mysql');
    expect((await readdir(one.folder)).filter((file) => file.startsWith(basename(one.switchFile)))).toHaveLength(1);
    await expectClosed(one);
    await execute(one.applicationUrl, `UPDATE customers SET mood = 'fine' WHERE id = 1`);
  });
}

/** The run is noted as ended wherever it was noted at all, and no freeze is. */
async function expectClosed({ targetUrl }: EndingCase): Promise<void> {
  const [there] = await query(targetUrl, `SELECT to_regclass('temporal_migrate.runs') AS runs`);
  if (there?.['runs'] === null) return;
  const runs = await query(
    targetUrl,
    `SELECT state FROM temporal_migrate.runs WHERE state NOT IN ('aborted', 'rolledBack') AND EXISTS (SELECT FROM temporal_migrate.plans)`,
  );
  expect([runs, await query(targetUrl, 'SELECT run_id FROM temporal_migrate.freezes')]).toEqual([[], []]);
}
