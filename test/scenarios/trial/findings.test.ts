import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { numbers } from './numbers';

/** `odd` holds rows that a mapping to uuid refuses, and two that it makes the same. `busy` is written to all the time. */
const SHOP = `
  CREATE TABLE odd (id INT PRIMARY KEY, token VARCHAR(40) COLLATE utf8mb4_bin NOT NULL UNIQUE);
  INSERT INTO odd VALUES (4, '00000000-0000-0000-0000-00000000000a'), (5, 'none'), (6, 'nothing');
  CREATE TABLE twice (id INT PRIMARY KEY, token VARCHAR(40) COLLATE utf8mb4_bin NOT NULL UNIQUE);
  INSERT INTO twice VALUES (1, '00000000-0000-0000-0000-00000000000a'), (2, '00000000-0000-0000-0000-00000000000A');
  CREATE TABLE busy (id INT PRIMARY KEY, email VARCHAR(50) NOT NULL UNIQUE, friend INT NOT NULL, turn INT NOT NULL);
  INSERT INTO busy SELECT i, CONCAT('m', i, '@example.com'), 50001 - i, 0 FROM ${numbers(50_000)};
  ALTER TABLE busy ADD FOREIGN KEY busy_friend (friend) REFERENCES busy (id);
  ANALYZE TABLE busy`;

const asUuid = (table: string): object => ({ tables: { [table]: { columns: { token: { type: 'uuid' } } } } });

describe.each(['mysql', 'mariadb'] as const)('a trial of a %s', (flavour) => {
  let stage: MigrationStage;
  beforeAll(async () => {
    stage = await MigrationStage.open({ flavour, load: SHOP });
    await stage.startWorker();
  }, 900_000);
  afterAll(() => stage[Symbol.asyncDispose]());

  test('takes nothing that is written meanwhile for a difference, and keeps no table from being altered', async () => {
    const application = await createConnection({ uri: stage.sourceUrl.replace(/^mariadb:/, 'mysql:') });
    const stopped = new AbortController();
    let turns = 0;
    const writing = (async () => {
      for (; !stopped.signal.aborted; turns += 1) {
        const [one, other] = [1 + ((turns * 7919) % 50_000), 1 + ((turns * 104_729) % 50_000)];
        await application.query('UPDATE busy SET turn = turn + 1, friend = ? WHERE id = ?', [other, one]);
        await application.query('UPDATE busy SET email = CONCAT(?, id) WHERE id IN (?, ?)', [`t${turns}-`, one, other]);
        await wait(2);
      }
    })();
    const run = await stage.start({ trial: { percent: 40 } });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    stopped.abort();
    await writing;
    await application.end();
    await run.signal('rejectCutover', { approver: 'ann', reason: 'enough seen' });
    const { trial } = await run.result();
    expect(turns).toBeGreaterThan(20);
    const busy = trial?.tables.find(({ name }) => name === 'busy');
    expect(busy).toMatchObject({ mismatches: 0, verifiedRows: (busy?.rows ?? 0) + (busy?.pulledRows ?? 0) });
    expect(busy?.pulledRows).toBeGreaterThan(0);
    expect(await left()).toEqual([]);
  });

  test('stops the run at a row that the target cannot hold, named by table, column and key, and leaves nothing', async () => {
    const run = await stage.start({ mapping: asUuid('odd'), rejectedRows: { limit: 1 } });
    expect(await failureOf(run.workflowId)).toMatchObject({
      message: expect.stringMatching(/ROW_REJECTED: table odd, column token, the row id = 6: /) as string,
      applicationFailureInfo: { type: 'TRIAL_FAILED', nonRetryable: true },
    });
    expect(await left()).toEqual([]);
  });

  test('tells of such rows within the limit, and how many there may be', async () => {
    const run = await stage.start({ mapping: asUuid('odd'), rejectedRows: { limit: 2 } });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.signal('rejectCutover', { approver: 'ann', reason: 'enough seen' });
    const { findings } = await run.result();
    expect(findings.filter(({ code }) => code === 'TRIAL_ROWS_REJECTED')).toEqual([
      expect.objectContaining({
        object: 'odd',
        source: '2 of 3 rows tried',
        reason: expect.stringMatching(/key 5, column token: .*has about 2, and rejectedRows.limit is 2/) as string,
      }),
    ]);
    expect(await left()).toEqual([]);
  });

  test('stops the run at a key that cannot be built, and leaves nothing', async () => {
    const run = await stage.start({ mapping: asUuid('twice') });
    expect(await failureOf(run.workflowId)).toMatchObject({
      message: expect.stringMatching(/BUILD_FAILED: .*source table twice/) as string,
      applicationFailureInfo: { type: 'TRIAL_FAILED', nonRetryable: true },
    });
    expect(await left()).toEqual([]);
  });

  test('holds while it is paused, goes as slowly as it is told, and leaves nothing when it is cancelled', async () => {
    const run = await stage.start({ copy: { rowsPerSecond: 200 } });
    await run.until(({ phase }) => phase === 'trial');
    await run.signal('pause', { by: 'ann' });
    expect((await run.until(({ waitingFor }) => waitingFor === 'resume')).phase).toBe('trial');
    await stage.cli.cancel(run.workflowId);
    expect((await stage.cli.result(run.workflowId)).status).toBe('CANCELED');
    expect(await left()).toEqual([]);
  });

  async function failureOf(workflowId: string): Promise<unknown> {
    return (await stage.cli.result(workflowId)).failure;
  }

  /** What is left of any migration on the target, but for the control schema. */
  async function left(): Promise<unknown[]> {
    return query(
      stage.targetUrl,
      `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'temporal_migrate_trial%'
       UNION ALL SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
       UNION ALL SELECT table_name FROM temporal_migrate.chunks
       UNION ALL SELECT table_name FROM temporal_migrate.rejected_rows`,
    );
  }
});
