import { query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';

/** Rows 3 and 5 of `kept` and one of `keyless` hold the character NUL; 30,000 rows make several chunks. */
const SHOP = `
  SET SESSION cte_max_recursion_depth = 30000;
  CREATE TABLE kept (id INT PRIMARY KEY, note VARCHAR(20) NOT NULL, day DATE);
  INSERT INTO kept WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
    SELECT i, IF(i IN (3, 29999), CONCAT('a', CHAR(0), 'b'), CONCAT('row ', i)), '2024-01-01' FROM n;
  CREATE TABLE keyless (note VARCHAR(20));
  INSERT INTO keyless VALUES ('same'), ('same'), (CONCAT('x', CHAR(0)));
  ANALYZE TABLE kept, keyless;`;

const LIMITED = { copy: { chunkBytes: 65_536 } };

describe('rows that the target cannot hold', () => {
  let stage: MigrationStage;
  beforeAll(async () => {
    stage = await MigrationStage.open({ load: SHOP });
    await stage.startWorker();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('stop the run before anything is made, when more of them are counted than the limit allows', async () => {
    const run = await stage.start({ ...LIMITED, rejectedRows: { limit: 2 } });
    const { failure } = await stage.cli.result(run.workflowId);
    expect(failure).toMatchObject({
      message: expect.stringMatching(/NUL_CHARACTERS kept\.note: 2 rows/) as string,
      applicationFailureInfo: { type: 'PREFLIGHT_BLOCKED', nonRetryable: true },
    });
    expect(await tablesOnTarget()).toEqual([]);
  });

  test('are kept aside up to the limit, verified to be all that is missing, and told', async () => {
    const run = await stage.start({ ...LIMITED, rejectedRows: { limit: 3 } });
    const waiting = await run.until(({ waitingFor }) => waitingFor === 'approval');
    expect(waiting.lastFailure).toBeNull();
    await run.approve();
    const { outcome, tables, findings } = await run.accept();
    expect(outcome).toBe('accepted');
    expect(tables).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'kept', sourceRows: 30_000, targetRows: 29_998, mismatches: 0 }),
        expect.objectContaining({ name: 'keyless', sourceRows: 3, targetRows: 2, verifiedRows: 2, mismatches: 0 }),
      ]),
    );
    const told = findings.filter(({ code }) => code === 'ROWS_REJECTED');
    expect(told).toEqual([
      expect.objectContaining({ object: 'keyless', source: '1 row' }),
      expect.objectContaining({
        object: 'kept',
        source: '2 rows',
        reason: expect.stringContaining('key 3, column note') as string,
      }),
    ]);
    expect(
      await query(
        stage.targetUrl,
        `SELECT table_name, key::text, column_name, row->>'id' AS id FROM temporal_migrate.rejected_rows ORDER BY 1 DESC, 4`,
      ),
    ).toEqual([
      { table_name: 'keyless', key: 'null', column_name: 'note', id: null },
      { table_name: 'kept', key: '["29999"]', column_name: 'note', id: '29999' },
      { table_name: 'kept', key: '["3"]', column_name: 'note', id: '3' },
    ]);
  });

  test('are copied after all under another choice, verified, while the target is live', async () => {
    await using own = await MigrationStage.open({ load: SHOP });
    await own.startWorker();
    const run = await own.start({ ...LIMITED, rejectedRows: { limit: 3 } });
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    const retry = (body: object): Promise<unknown> => own.cli.update(run.workflowId, 'retryRejected', body);
    await expect(retry({ by: 'ann', mapping: {} })).rejects.toThrow(/name at least one of/);
    const answer = await retry({ by: 'ann', mapping: { nulCharacters: 'strip' } });
    expect(answer).toMatchObject({ left: {}, mismatches: 0 });
    await expect(retry({ by: 'ann', mapping: { nulCharacters: 'strip' } })).rejects.toThrow(/no row is rejected/);
    expect(await query(own.targetUrl, `SELECT note FROM kept WHERE id IN (3, 29999)`)).toEqual([
      { note: 'ab' },
      { note: 'ab' },
    ]);
    expect(await query(own.targetUrl, `SELECT note FROM keyless ORDER BY 1`)).toHaveLength(3);
    const { tables, findings, decisions } = await run.accept();
    expect(tables.map(({ sourceRows, targetRows }) => sourceRows - targetRows)).toEqual([0, 0]);
    expect(findings.filter(({ code }) => code === 'ROWS_REJECTED')).toEqual([]);
    expect(decisions.map(({ kind }) => kind)).toEqual(['approve', 'retryRejected', 'accept']);
  });

  async function tablesOnTarget(): Promise<unknown[]> {
    return query(stage.targetUrl, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
  }
});
