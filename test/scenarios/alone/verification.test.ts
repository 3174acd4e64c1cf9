import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerificationResult } from '../../../domain/verificationResult';
import { execute, query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';

const SHOP = `
  CREATE TABLE Customer (
    CustomerId INT AUTO_INCREMENT PRIMARY KEY, Email VARCHAR(100) NOT NULL, Vip TINYINT(1) NOT NULL, State ENUM('new', 'old'),
    Tags SET('a', 'b'), Balance DECIMAL(12,2), Joined DATETIME(3), Seen TIMESTAMP NULL, Photo BLOB, Data JSON,
    Big BIGINT UNSIGNED, Span TIME, Ratio DOUBLE, Born YEAR, Flags BIT(8));
  CREATE TABLE Log (Line VARCHAR(50), At DATE);
  INSERT INTO Customer VALUES
    (1, 'ann@example.com', 1, 'new', 'a,b', 12.50, '2024-01-02 03:04:05.678', '2024-01-02 03:04:05', X'00FF', '{"a":[1,2]}', 18446744073709551615, '10:00:00', 0.1, 1999, b'101'),
    (2, 'bob', 0, NULL, '', -0.01, NULL, NULL, '', NULL, 1, '23:59:59', -1e300, NULL, b'0');
  INSERT INTO Log VALUES ('same', '2024-02-29'), ('same', '2024-02-29'), (NULL, NULL);`;

/** As somebody else would have made it: other types than a migration of ours chooses. */
const THEIRS = `
  CREATE TYPE their_state AS ENUM ('new', 'old');
  CREATE TABLE customer (
    customerid bigint, email text, vip smallint, state their_state, tags text[], balance numeric(20,2), joined timestamp, seen timestamptz,
    photo bytea, data jsonb, big numeric(20,0), span interval, ratio double precision, born integer, flags bit(8));
  CREATE TABLE log (line varchar(50), at date);
  INSERT INTO customer VALUES
    (1, 'ann@example.com', 1, 'new', '{a,b}', 12.50, '2024-01-02 03:04:05.678', '2024-01-02 03:04:05+00', '\\x00ff', '{"a":[1,2]}', 18446744073709551615, '10:00:00', 0.1, 1999, b'00000101'),
    (2, 'bob', 0, NULL, '{}', -0.01, NULL, NULL, '', NULL, 1, '23:59:59', -1e300, NULL, b'00000000');
  INSERT INTO log VALUES ('same', '2024-02-29'), ('same', '2024-02-29'), (NULL, NULL);`;

const RELATIONS = `SELECT n.nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace ORDER BY 1, 2`;

describe.each(['mysql', 'mariadb'] as const)(
  'a comparison of a %s shop with a PostgreSQL one that somebody else made',
  (flavour) => {
    let stage: MigrationStage;
    beforeAll(async () => {
      stage = await MigrationStage.open({ flavour, load: SHOP });
      await execute(stage.targetUrl, THEIRS);
      await stage.startWorker();
    });
    afterAll(async () => stage[Symbol.asyncDispose]());

    async function compare(options: object = {}): Promise<VerificationResult> {
      const run = await stage.start(options, 'databaseVerification');
      return (await run.result()) as unknown as VerificationResult;
    }

    test('says that they are equal, in whatever types, and makes nothing on the target', async () => {
      const before = await query(stage.targetUrl, RELATIONS);
      const result = await compare();
      expect(await query(stage.targetUrl, RELATIONS)).toEqual(before);
      expect(
        result.tables
          .map(({ name, targetRows, verifiedRows, mismatches }) => [name, targetRows, verifiedRows, mismatches])
          .sort(),
      ).toEqual([
        ['Customer', 2, 2, 0],
        ['Log', 3, 3, 0],
      ]);
      expect(result.outcome).toBe('equal');
      expect(JSON.parse(await readFile(result.reportPath ?? '', 'utf8'))).toMatchObject({
        outcome: 'equal',
        target: 'shop_pg',
      });
    });

    test.each([
      [
        'a damaged cell',
        `UPDATE customer SET balance = 12.51 WHERE customerid = 1`,
        /^Customer \(1\) differs in Balance$/,
      ],
      ['a missing row', `DELETE FROM customer WHERE customerid = 2`, /^Customer \(2\) is missing on the target$/],
      [
        'an extra row of a table without a key',
        `INSERT INTO log VALUES ('more', NULL)`,
        /^Log \(.*\) is on the target only$/,
      ],
    ])('names %s', async (_what, damage, sentence) => {
      await using undo = {
        [Symbol.asyncDispose]: () =>
          execute(stage.targetUrl, `DROP TABLE customer, log; DROP TYPE their_state; ${THEIRS}`),
      };
      await execute(stage.targetUrl, damage);
      const { outcome, mismatches, tables } = await compare();
      expect(undo).toBeDefined();
      expect({ outcome, mismatches }).toEqual({ outcome: 'different', mismatches: [expect.stringMatching(sentence)] });
      expect(tables.reduce((total, table) => total + table.mismatches, 0)).toBe(1);
    });

    test('names a table and columns that are missing or cannot be compared, and compares the rest', async () => {
      await using undo = {
        [Symbol.asyncDispose]: () => execute(stage.targetUrl, `DROP TABLE customer; DROP TYPE their_state; ${THEIRS}`),
      };
      await execute(
        stage.targetUrl,
        `ALTER TABLE customer DROP COLUMN photo, ALTER COLUMN email TYPE point USING NULL; DROP TABLE log`,
      );
      const { outcome, findings, tables } = await compare();
      expect(undo).toBeDefined();
      expect(findings.map(({ code, object }) => [code, object]).sort()).toEqual([
        ['NOT_COMPARABLE', 'Customer.Email'],
        ['TARGET_COLUMN_MISSING', 'Customer.Photo'],
        ['TARGET_TABLE_MISSING', 'Log'],
      ]);
      expect(tables).toMatchObject([{ name: 'Customer', verifiedRows: 2, mismatches: 0 }]);
      expect(outcome).toBe('different');
    });

    test('takes the names of the mapping, the patterns and the mode', async () => {
      const mapping = { tables: { Log: { name: 'customer', columns: { Line: { name: 'email' } } } } };
      const { tables, findings } = await compare({ mapping, tables: { include: ['Log'] }, verify: { mode: 'counts' } });
      expect(findings).toMatchObject([{ code: 'TARGET_COLUMN_MISSING', object: 'Log.At' }]);
      expect(tables).toMatchObject([
        {
          name: 'Log',
          targetName: 'customer',
          columns: { Line: 'email' },
          sourceRows: 3,
          targetRows: 2,
          mismatches: 1,
        },
      ]);
    });

    test('refuses what is no option of a comparison, and a login that fails, at once', async () => {
      const failureOf = async (options: object): Promise<string> => {
        const { workflowId } = await stage.start(options, 'databaseVerification');
        return JSON.stringify((await stage.cli.result(workflowId)).failure);
      };
      expect(await failureOf({ copy: { parallelism: 2 } })).toMatch(
        /copy: unknown key; known here: source, target, targetSchema, tables, mapping, verify/,
      );
      expect(await failureOf({ target: 'nowhere' })).toContain('CONNECTION_UNKNOWN');
    });
  },
);

test('a comparison goes on when its worker is killed amid it', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await execute(stage.targetUrl, `${THEIRS}; DELETE FROM log WHERE line IS NULL`);
  const marker = join(stage.folder, 'hit');
  const first = await stage.startWorker({ MIGRATION_FAULT_POINT: `verify.afterPart=${marker}` });
  const run = await stage.start({}, 'databaseVerification');
  await first.ended;
  expect(existsSync(marker)).toBe(true);
  await stage.startWorker();
  const { outcome, mismatches, tables } = (await run.result()) as unknown as VerificationResult;
  expect({ outcome, mismatches: mismatches.length, tables: tables.length }).toEqual({
    outcome: 'different',
    mismatches: 1,
    tables: 2,
  });
});

test('a large table is compared part by part, and a cell in the middle of it is found', async () => {
  const rows = 450_000;
  await using stage = await MigrationStage.open({
    load: `CREATE TABLE big (id INT PRIMARY KEY, word CHAR(8) NOT NULL);
      SET SESSION cte_max_recursion_depth = ${rows};
      INSERT INTO big WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, CONCAT('w', i) FROM n;
      ANALYZE TABLE big`,
  });
  await execute(
    stage.targetUrl,
    `CREATE TABLE big AS SELECT id, ('w' || id)::varchar(8) AS word FROM generate_series(1, ${rows}) AS id;
     ALTER TABLE big ADD PRIMARY KEY (id); UPDATE big SET word = 'x' WHERE id = 234567`,
  );
  await stage.startWorker();
  const run = await stage.start({}, 'databaseVerification');
  const { tables, mismatches } = (await run.result()) as unknown as VerificationResult;
  expect(mismatches).toEqual(['big (234567) differs in word']);
  expect(tables).toMatchObject([{ sourceRows: rows, targetRows: rows, verifiedRows: rows - 1, mismatches: 1 }]);
  expect(await stage.cli.query(run.workflowId, 'progress')).toMatchObject({
    phase: 'done',
    tablesDone: 1,
    tablesTotal: 1,
    rowsVerified: rows - 1,
    mismatches: 1,
    percent: 100,
    waitingFor: null,
  });
});
