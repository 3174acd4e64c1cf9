import { query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';

/** Some 40 chunks of the smallest size, so that there is always a next one to hold. */
const ROWS = `
  CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(200) NOT NULL);
  SET SESSION cte_max_recursion_depth = 20000;
  INSERT INTO items (words) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    SELECT REPEAT('word', 30) FROM n;
  ANALYZE TABLE items;`;

let stage: MigrationStage;
beforeEach(async () => {
  stage = await MigrationStage.open({ load: ROWS });
  await stage.startWorker();
});
afterEach(async () => stage[Symbol.asyncDispose]());

test('a decision that is not due changes nothing: as a signal it is listed with the reason, as an update it is refused', async () => {
  const run = await stage.start();
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  await run.signal('acceptMigration', { approver: 'ann' });
  await run.signal('approveCutover', { aprover: 'ann' });
  await run.signal('approveCutover', { approver: 'ann', evidence: '000000000000' });
  await run.signal('resume', {});
  await run.signal('approve', { approver: 'ann' });
  const { ignoredSignals, waitingFor, decisions } = await run.until((progress) => progress.ignoredSignals.length === 5);
  expect(ignoredSignals.map(({ signal, reason }) => `${signal}: ${reason}`)).toEqual([
    expect.stringMatching(/^acceptMigration: the migration is not awaiting acceptance/),
    expect.stringMatching(/^approveCutover: .*aprover: unknown key; known here: approver, comment, evidence/s),
    expect.stringMatching(/^approveCutover: the evidence is now [0-9a-f]{12}, not 000000000000/),
    expect.stringMatching(/^resume: it is not paused/),
    expect.stringMatching(/^approve: there is no such signal/),
  ]);
  expect({ waitingFor, decisions }).toEqual({ waitingFor: 'approval', decisions: [] });
  await expect(stage.cli.update(run.workflowId, 'accept', { approver: 'ann' })).rejects.toThrow(
    /not awaiting acceptance/,
  );
  await expect(stage.cli.update(run.workflowId, 'rollback', { by: 'ann', reason: 'x' })).rejects.toThrow(
    /nothing to roll back/,
  );
  expect(await stage.cli.update(run.workflowId, 'approve', { approver: 'ann' })).toBe('approval 1 of 1');
  await run.until(({ waitingFor: now }) => now === 'acceptance');
  expect(await stage.cli.update(run.workflowId, 'accept', { approver: 'ann', comment: 'fine' })).toBe('accepted');
  expect((await run.result()).outcome).toBe('accepted');
});

test('two approvals are two people', async () => {
  const run = await stage.start({ cutover: { approvals: 2 } });
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  await run.signal('approveCutover', { approver: 'ann' });
  await run.signal('approveCutover', { approver: 'ann' });
  const { waitingFor } = await run.until(({ ignoredSignals }) => ignoredSignals.length === 1);
  expect(waitingFor).toBe('approval');
  await run.signal('approveCutover', { approver: 'bob' });
  await run.until(({ waitingFor: now }) => now === 'acceptance');
});

test('an approval that does not come in time aborts, and removes what was made', async () => {
  const run = await stage.start({ cutover: { approvalTimeout: '1 second' } });
  expect((await run.result()).outcome).toBe('aborted');
  expect(await query(stage.targetUrl, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
});

test('pause holds the copy between chunks, resume goes on, throttle changes the rate of a running copy', async () => {
  const run = await stage.start({ copy: { chunkBytes: 65_536, parallelism: 2, rowsPerSecond: 500 } });
  await run.approve();
  await run.until(({ phase, rowsCopied }) => phase === 'copy' && rowsCopied > 0);
  await run.signal('pause', { by: 'ann', reason: 'lunch' });
  const paused = await run.until(({ waitingFor }) => waitingFor === 'resume');
  expect([paused.etaSeconds, paused.rowsPerSecond]).toEqual([null, 0]);
  const copied = async (): Promise<number> =>
    Number((await query(stage.targetUrl, 'SELECT count(*) AS n FROM items'))[0]?.['n']);
  // Lanes finish the chunks in hand, and claim none: once no lane is in a chunk, nothing moves any more.
  await idleLanes();
  const held = await copied();
  expect(held).toBeLessThan(20_000);
  await run.signal('throttle', { rowsPerSecond: 0 });
  await idleLanes();
  expect(await copied()).toBe(held);
  await run.signal('resume', { by: 'ann' });
  const result = await run.accept();
  expect(result.decisions.map(({ kind }) => kind)).toEqual(['approve', 'pause', 'throttle', 'resume', 'accept']);
  expect(result.tables[0]).toMatchObject({ sourceRows: 20_000, targetRows: 20_000, mismatches: 0 });
});

/** Waits until no lane has had a transaction open for several looks in a row. */
async function idleLanes(): Promise<void> {
  const database = new URL(stage.targetUrl).pathname.slice(1);
  const open = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database}' AND query LIKE 'copy %' AND state = 'active'`;
  for (let quiet = 0; quiet < 10;) quiet = (await query(stage.targetUrl, open)).length === 0 ? quiet + 1 : 0;
}
