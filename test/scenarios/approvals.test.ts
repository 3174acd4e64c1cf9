import { execute, query } from '../helpers/databases';
import { until } from '../helpers/faultsUntil';
import { MigrationStage } from '../helpers/migrationStage';
import type { MigrationRun } from '../../scripts/migrationRun';

let stage: MigrationStage;
beforeAll(async () => {
  stage = await MigrationStage.open({
    load: `CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(20)); INSERT INTO items (words) VALUES ('a'), ('b')`,
  });
  await stage.startWorker();
});
afterAll(async () => stage[Symbol.asyncDispose]());
/** Every test ends undone, so that the next one finds what this one found. */
afterEach(async () => {
  await execute(stage.sourceUrl, `UPDATE items SET words = 'a' WHERE id = 1`);
  expect(await query(stage.targetUrl, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
});

async function awaited(options: object): Promise<MigrationRun> {
  const run = await stage.start(options);
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  return run;
}

async function details({ workflowId }: MigrationRun): Promise<string> {
  return JSON.stringify(await stage.cli.query(workflowId, '__temporal_workflow_metadata'));
}

async function untilDetails(run: MigrationRun, words: RegExp): Promise<void> {
  await until(`the details say ${words.source}`, async () => words.test(await details(run)));
}

async function ignored(run: MigrationRun, count: number): Promise<string[]> {
  const { ignoredSignals } = await run.until((progress) => progress.ignoredSignals.length >= count);
  return ignoredSignals.map(({ signal, reason }) => `${signal}: ${reason}`);
}

test('who is awaited is reminded; with one approval of two the time runs out all the same, and everything is undone', async () => {
  const run = await awaited({ cutover: { approvals: 2, approvalTimeout: '20 seconds' } });
  expect(await details(run)).toMatch(
    /Approved by nobody yet: 0 of 2.*ends by itself at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/,
  );
  await run.signal('approveCutover', { approver: 'Ann', comment: 'fine by me' });
  await untilDetails(run, /Approved by Ann: 1 of 2/);
  const { approvals, endsAt } = await run.progress();
  expect(approvals).toEqual({ needed: 2, by: ['Ann'] });
  expect(Date.parse(endsAt ?? '')).not.toBeNaN();
  await untilDetails(
    run,
    /The approval has been awaited for \d\d\.\d s; without it everything that was made is undone at/,
  );
  const { outcome, decisions } = await run.result();
  expect(outcome).toBe('aborted');
  expect(decisions.map(({ kind, by, comment }) => [kind, by, comment])).toEqual([['approve', 'Ann', 'fine by me']]);
});

test('two approvals are two people, however a name is written; what comes behind them is too late', async () => {
  const run = await awaited({ cutover: { approvals: 2 } });
  // Holds the cutover, so that there is a moment behind the last approval.
  await run.signal('pause', { by: 'eve' });
  await run.signal('approveCutover', { approver: ' Ann  Lee ' });
  await run.signal('approveCutover', { approver: 'ann lee' });
  await run.signal('approveCutover', { approver: '   ' });
  await expect(stage.cli.update(run.workflowId, 'approve', { approver: 'ANN LEE' })).rejects.toThrow(
    /Ann {2}Lee has approved already: it takes another person/,
  );
  expect(await stage.cli.update(run.workflowId, 'approve', { approver: 'bob' })).toBe('approval 2 of 2');
  await run.signal('rejectCutover', { approver: 'carl', reason: 'wait' });
  await run.signal('approveCutover', { approver: 'dora' });
  expect(await ignored(run, 4)).toEqual([
    expect.stringMatching(/^approveCutover: Ann {2}Lee has approved already/),
    expect.stringMatching(/^approveCutover: .*approver/s),
    expect.stringMatching(/^rejectCutover: the cutover is approved already: workflow cancel ends it/),
    expect.stringMatching(/^approveCutover: the cutover is approved already/),
  ]);
  expect((await run.progress()).phase).toBe('awaiting approval');
  await run.signal('resume', {});
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await run.signal('requestRollback', { by: 'bob', reason: 'only a test' });
  const { decisions } = await run.result();
  expect(decisions.map(({ kind, by }) => `${kind} ${by}`)).toEqual([
    'pause eve',
    'approve Ann  Lee',
    'approve bob',
    'resume unnamed',
    'rollback bob',
  ]);
});

test('as long as not all have approved, one who rejects ends it, also while it is paused', async () => {
  const run = await awaited({ cutover: { approvals: 2 } });
  await run.signal('pause', {});
  await run.signal('approveCutover', { approver: 'ann' });
  await run.signal('rejectCutover', { approver: 'bob', reason: 'not today' });
  const { outcome, decisions } = await run.result();
  expect(outcome).toBe('rejected');
  expect(decisions.map(({ kind }) => kind)).toEqual(['pause', 'approve', 'reject']);
});

test('time that runs out during a pause ends nothing; an approval given by then still counts', async () => {
  const run = await awaited({ cutover: { approvalTimeout: '8 seconds' } });
  await run.signal('pause', {});
  await untilDetails(run, /has been awaited for/);
  const { endsAt } = await run.progress();
  while (Date.now() < Date.parse(endsAt ?? '') + 500) await run.progress();
  await run.signal('approveCutover', { approver: 'ann' });
  await run.signal('resume', {});
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await run.signal('requestRollback', { by: 'bob', reason: 'only a test' });
  expect((await run.result()).outcome).toBe('rolledBack');
});

test('a cutover that was sent back takes every approval anew; behind the switch the write pause is over', async () => {
  const run = await awaited({ cutover: { approvals: 2, attempts: 1 } });
  const { evidence } = await run.progress();
  // A cell that cannot be moved, behind the plan.
  await execute(stage.sourceUrl, `INSERT INTO items (words) VALUES ('nul\\0')`);
  await run.signal('approveCutover', { approver: 'ann', evidence });
  await run.signal('approveCutover', { approver: 'bob', evidence });
  await expect(run.until(({ waitingFor }) => waitingFor === 'acceptance')).rejects.toThrow(/ROW_REJECTED/);
  expect((await run.progress()).approvals.needed).toBe(2);
  await execute(stage.sourceUrl, `DELETE FROM items WHERE words LIKE 'nul%'`);
  await run.signal('approveCutover', { approver: 'ann', evidence });
  const now = (await run.progress()).evidence;
  for (const approver of ['ann', 'bob']) await run.signal('approveCutover', { approver, evidence: now });
  await run.until(({ phase }) => phase !== 'awaiting approval');
  const live = await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  expect(live.ignoredSignals.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^the evidence is now/)]);
  expect(live.freezeMs).toBeGreaterThan(0);
  // The workflow's clock goes on with each message it hears.
  await run.signal('resume', {});
  expect((await run.until(({ ignoredSignals }) => ignoredSignals.length === 2)).freezeMs).toBe(live.freezeMs);
  await run.signal('requestRollback', { by: 'bob', reason: 'only a test' });
  expect((await run.result()).freezeMs).toBe(live.freezeMs);
});

test('an acceptance that does not come is asked for again and again, at ever longer intervals, and nothing is undone', async () => {
  const run = await awaited({ acceptance: { timeout: '1 second' }, observe: { duration: '1 second' } });
  await run.approve();
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await untilDetails(run, /The acceptance has been awaited for ([4-9]|\d\d)\.\d s/);
  const { events } = await stage.cli.history(run.workflowId);
  expect(JSON.stringify(events).match(/"EVENT_TYPE_TIMER_FIRED"/g)?.length).toBeLessThan(15);
  await run.signal('requestRollback', { by: 'bob', reason: 'only a test' });
  expect((await run.result()).outcome).toBe('rolledBack');
});

test('a schema that changed after the plan makes an approval void: what changed is named, and nobody was stopped', async () => {
  const run = await awaited({});
  await execute(
    stage.sourceUrl,
    `ALTER TABLE items ADD COLUMN late INT, MODIFY words VARCHAR(30); CREATE TABLE newcomer (id INT PRIMARY KEY)`,
  );
  await run.signal('approveCutover', { approver: 'ann' });
  const { status, failure } = await stage.cli.result(run.workflowId);
  expect([status, failure]).toEqual([
    'FAILED',
    expect.objectContaining({
      applicationFailureInfo: expect.objectContaining({ type: 'PLAN_CHANGED' }) as unknown,
      message: expect.stringContaining(
        'what was approved is void: column items.words was varchar(20) and is varchar(30); column items.late is new; table newcomer is new',
      ) as unknown,
    }),
  ]);
});
