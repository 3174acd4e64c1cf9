import { createConnection } from 'mysql2/promise';
import { execute, query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';

const ROWS = `
  CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(200) NOT NULL, price DECIMAL(8,2) NOT NULL DEFAULT 1.00);
  SET SESSION cte_max_recursion_depth = 5000;
  INSERT INTO items (words) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    SELECT REPEAT('word', 30) FROM n;
  ANALYZE TABLE items;`;

let stage: MigrationStage;
beforeEach(async () => {
  stage = await MigrationStage.open({ load: ROWS });
  await stage.startWorker();
});
afterEach(async () => stage[Symbol.asyncDispose]());

async function sourceIsWritable(): Promise<void> {
  await execute(stage.sourceUrl, `UPDATE items SET price = price WHERE id = 1`);
}

test('a damaged cell, a missing and an extra row are named, the source is writable again, and a new approval succeeds', async () => {
  const run = await stage.start({
    copy: { chunkBytes: 65_536, parallelism: 1, rowsPerSecond: 500 },
    trial: { percent: 0 },
  });
  await run.approve();
  // The first chunk is committed, and under a throttle the last is far away.
  await run.until(({ phase, rowsCopied }) => phase === 'copy' && rowsCopied > 0);
  await execute(
    stage.targetUrl,
    `UPDATE items SET price = 1.01 WHERE id = 7; DELETE FROM items WHERE id = 8; INSERT INTO items (id, words) VALUES (-1, 'extra')`,
  );
  await run.signal('throttle', { rowsPerSecond: 0 });
  await expect(run.until(({ waitingFor }) => waitingFor === 'acceptance')).rejects.toThrow(/VERIFICATION_FAILED/);
  const { lastFailure, evidence } = await run.progress();
  expect(lastFailure).toMatch(/items \(7\) differs in price/);
  expect(lastFailure).toMatch(/items \(8\) is missing on the target/);
  expect(lastFailure).toMatch(/items \(-1\) is on the target only/);
  expect(evidence).toMatch(/-1$/);
  await sourceIsWritable();
  await run.signal('approveCutover', { approver: 'ann', evidence });
  await run.until(({ phase }) => phase !== 'awaiting approval');
  expect((await run.accept()).tables[0]).toMatchObject({
    sourceRows: 5_000,
    targetRows: 5_000,
    verifiedRows: 5_000,
    mismatches: 0,
  });
});

test('a freeze that cannot end in time is undone: the source is writable and the run is back at the approval', async () => {
  const run = await stage.start({
    copy: { rowsPerSecond: 100 },
    trial: { percent: 0 },
    cutover: { maxFreezeSeconds: 3, attempts: 2 },
  });
  await run.approve();
  await expect(run.until(({ waitingFor }) => waitingFor === 'acceptance')).rejects.toThrow(/FREEZE_OVERDUE/);
  await sourceIsWritable();
  expect(await query(stage.targetUrl, 'SELECT count(*)::int AS n FROM items')).toEqual([{ n: 0 }]);
  await run.signal('rejectCutover', { approver: 'ann', reason: 'too slow' });
  const result = await run.result();
  expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(2);
  expect(await query(stage.targetUrl, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
});

test('a transaction left open holds up the freeze, is named, and the source is writable', async () => {
  const holder = await createConnection({ uri: stage.sourceUrl });
  try {
    await holder.query('BEGIN');
    await holder.query('UPDATE items SET price = 2 WHERE id = 1');
    const run = await stage.start({ cutover: { attempts: 1, maxFreezeSeconds: 12 } });
    await run.approve();
    await expect(run.until(({ waitingFor }) => waitingFor === 'acceptance')).rejects.toThrow(/FREEZE_(FAILED|OVERDUE)/);
    await execute(stage.sourceUrl, 'UPDATE items SET price = 2 WHERE id = 2');
    await holder.query('COMMIT');
    const { evidence } = await run.progress();
    await run.signal('approveCutover', { approver: 'ann', evidence });
    await run.until(({ phase }) => phase !== 'awaiting approval');
    expect((await run.accept()).tables[0]).toMatchObject({ verifiedRows: 5_000, mismatches: 0 });
  } finally {
    await holder.end();
  }
});

test('a schema that changed after the plan makes the approval void, and nothing stays behind', async () => {
  const run = await stage.start();
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  await execute(stage.sourceUrl, 'ALTER TABLE items ADD COLUMN late INT');
  await run.signal('approveCutover', { approver: 'ann' });
  await expect(run.result()).rejects.toThrow(/PLAN_CHANGED/);
  await sourceIsWritable();
  expect(await query(stage.targetUrl, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
});
