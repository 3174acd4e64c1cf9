import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { createConnection } from 'mysql2/promise';
import { query } from '../../helpers/databases';
import { FaultyRun } from '../../helpers/faultsRun';
import { Supervisor, type Fault } from '../../helpers/faultsSupervisor';
import { ledgerOf, LIVE_TABLES, LiveWriters } from '../../helpers/liveWriters';
import { MigrationStage } from '../../helpers/migrationStage';

/** Somebody who has changed a row and does not commit, until disposed of. */
async function openTransaction(url: string): Promise<AsyncDisposable> {
  const connection = await createConnection({ uri: url });
  await connection.query('BEGIN');
  await connection.query("INSERT INTO account (id, owner, name) VALUES (999999998, -1, 'undecided')");
  return { [Symbol.asyncDispose]: () => connection.end() };
}

/** One migration whose workers are killed one after the other, each at its point, while eight writers write. */
async function survives(points: readonly Fault['at'][]): Promise<void> {
  await using stage = await MigrationStage.open({ load: LIVE_TABLES });
  await using supervisor = new Supervisor(
    (environment) => stage.startWorker(environment),
    stage.folder,
    points.map((at) => ({ at })),
  );
  const connection = await Connection.connect({ address: stage.cli.address });
  const writers = await LiveWriters.start(await stage.applicationUrl(), 8, 7, 100_000);
  try {
    // A dead worker's place in the freeze is taken within seconds; its deadline is not what is tried here.
    const run = await FaultyRun.start(connection, stage.taskQueue, `live-${randomBytes(4).toString('hex')}`, {
      source: 'shop_mysql',
      target: 'shop_pg',
      strategy: 'live',
      cutover: { maxFreezeSeconds: 600 },
      trial: { percent: 0 },
    });
    await run.approve();
    await run.until('is live', ({ waitingFor }) => waitingFor === 'acceptance');
    expect(supervisor.hits).toEqual(points);
    await writers.stop();
    expect(await ledgerOf(stage.targetUrl)).toEqual(writers.ledger());
    const result = await run.accept();
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
    expect(result.tables.map(({ mismatches }) => mismatches)).toEqual([0, 0, 0, 0]);
    const unchecked = await query(stage.targetUrl, `SELECT conname FROM pg_constraint WHERE NOT convalidated`);
    expect(unchecked).toEqual([]);
  } finally {
    await writers.stop();
    await connection.close();
  }
}

describe('every acknowledged write arrives, and nobody has to do anything, when workers are killed', () => {
  test('amid the copy and the stream, and between freeze and switch', async () => {
    await survives([
      'copy.midway',
      'apply.before',
      'apply.after',
      'freeze.recorded',
      'freeze.frozen',
      'handOver.drained',
      'handOver.compared',
      'handOver.afterStep',
      'commit.checked',
      'commit.decided',
    ]);
    // Each death takes as long as Temporal needs to notice it.
  }, 480_000);
});

test('a live migration that is rejected leaves the source alone and nothing on the target', async () => {
  await using stage = await MigrationStage.open({ load: LIVE_TABLES });
  await stage.startWorker();
  const writers = await LiveWriters.start(await stage.applicationUrl(), 2, 3, 100_000);
  try {
    const run = await stage.start({ strategy: 'live', trial: { percent: 0 } });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
    expect((await run.result()).outcome).toBe('rejected');
    expect(writers.refused).toBe(0);
    expect(await query(stage.targetUrl, `SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  } finally {
    await writers.stop();
  }
});

test('a cutover that a transaction holds up is sent back, and the stream goes on: the next one succeeds', async () => {
  await using stage = await MigrationStage.open({ load: LIVE_TABLES });
  await stage.startWorker();
  const writers = await LiveWriters.start(await stage.applicationUrl(), 2, 5, 100_000);
  try {
    const run = await stage.start({
      strategy: 'live',
      trial: { percent: 0 },
      cutover: { attempts: 1, maxFreezeSeconds: 4 },
    });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await using holder = await openTransaction(stage.sourceUrl);
    await run.approve();
    const live = run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await expect(live).rejects.toThrow(/FREEZE_(FAILED|OVERDUE)/);
    await holder[Symbol.asyncDispose]();
    const { evidence } = await run.progress();
    await run.signal('approveCutover', { approver: 'ann', evidence });
    await run.until(({ phase }) => phase !== 'awaiting approval');
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await writers.stop();
    expect(await ledgerOf(stage.targetUrl)).toEqual(writers.ledger());
  } finally {
    await writers.stop();
  }
});

test('where the source has thrown away what was not applied, a fresh copy is offered, and made when a person says so', async () => {
  await using stage = await MigrationStage.open({ load: LIVE_TABLES });
  const worker = await stage.startWorker();
  const writers = await LiveWriters.start(await stage.applicationUrl(), 2, 9, 100_000);
  try {
    const run = await stage.start({ strategy: 'live', trial: { percent: 0 } });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await worker.kill();
    await writers.doMore(200);
    await query(stage.sourceUrl, 'FLUSH BINARY LOGS');
    const [log] = await query(stage.sourceUrl, 'SHOW BINARY LOG STATUS');
    await query(stage.sourceUrl, `PURGE BINARY LOGS TO '${String(log?.['File'])}'`);
    await stage.startWorker();
    const lost = await run.until(({ waitingFor }) => waitingFor === 'resume');
    expect(lost.lastFailure).toMatch(/^POSITION_LOST/u);
    await run.signal('resume', { by: 'ann' });
    await run.until(({ phase }) => phase === 'awaiting approval');
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await writers.stop();
    expect(await ledgerOf(stage.targetUrl)).toEqual(writers.ledger());
  } finally {
    await writers.stop();
  }
});
