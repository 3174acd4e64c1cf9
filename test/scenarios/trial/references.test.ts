import { execute, query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { numbers } from './numbers';

/**
 * Rows that refer to others in every way: to their own table, in a circle, by two columns, by a unique key that is not
 * the primary one, by text, and over several tables. Each refers far away, so that no sampled range holds what it needs.
 */
const SHOP = `
  CREATE TABLE country (id INT PRIMARY KEY, code CHAR(6) NOT NULL UNIQUE, name VARCHAR(200) NOT NULL);
  CREATE TABLE person (id INT PRIMARY KEY, boss INT, country CHAR(6) NOT NULL, favourite INT, note VARCHAR(200),
    FOREIGN KEY person_country (country) REFERENCES country (code));
  CREATE TABLE item (shop INT, number INT, maker INT, note VARCHAR(200), PRIMARY KEY (shop, number),
    FOREIGN KEY item_maker (maker) REFERENCES person (id));
  CREATE TABLE line (id VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, shop INT, number INT, note VARCHAR(200),
    FOREIGN KEY line_item (shop, number) REFERENCES item (shop, number));
  CREATE TABLE journal (what VARCHAR(200), amount INT);
  INSERT INTO country SELECT i, LPAD(i, 6, 'C'), REPEAT('x', 100) FROM ${numbers(4000)};
  INSERT INTO person SELECT i, IF(i = 1, NULL, GREATEST(1, i DIV 2)), LPAD(1 + i * 7 % 4000, 6, 'C'), NULL, REPEAT('y', 100) FROM ${numbers(20000)};
  INSERT INTO item SELECT i % 7, i, 1 + (i * 977) % 20000, REPEAT('z', 100) FROM ${numbers(20000)};
  INSERT INTO line SELECT CONCAT('L', i), number % 7, number, REPEAT('l', 50)
    FROM (SELECT i, 1 + (i * 131) % 20000 AS number FROM ${numbers(60_000)}) AS bought;
  INSERT INTO journal SELECT REPEAT('j', 50), i FROM ${numbers(5000)};
  ALTER TABLE person ADD FOREIGN KEY person_boss (boss) REFERENCES person (id);
  UPDATE person SET favourite = 1 + id % 7 * 1000;
  ALTER TABLE country ADD COLUMN president INT, ADD FOREIGN KEY country_president (president) REFERENCES person (id);
  UPDATE country SET president = 20001 - id;
  ANALYZE TABLE country, person, item, line, journal;`;

describe.each(['mysql', 'mariadb'] as const)('a trial of a %s', (flavour) => {
  let stage: MigrationStage;
  beforeAll(async () => {
    stage = await MigrationStage.open({ flavour, load: SHOP });
    await stage.startWorker();
  }, 900_000);
  afterAll(() => stage[Symbol.asyncDispose]());

  test('pulls in what its rows refer to, compares all of it, measures, and is removed', async () => {
    const run = await stage.start({ trial: { percent: 5 } });
    const { estimate } = await run.until(({ waitingFor }) => waitingFor === 'approval');
    expect(await schemas()).toEqual(['public', 'temporal_migrate']);
    expect(estimate?.basis).toMatch(/The rates come from the trial \([0-9,]+ rows in .*, through one connection\)/);
    const [least = 0, most = 0] = estimate?.between ?? [];
    expect(least).toBeLessThan(estimate?.durationMs ?? 0);
    expect(most).toBeGreaterThan(estimate?.durationMs ?? 0);
    await run.signal('rejectCutover', { approver: 'ann', reason: 'enough seen' });
    const { trial, findings } = await run.result();
    const tried = new Map(trial?.tables.map((table) => [table.name, table]));
    expect([...tried.keys()].sort()).toEqual(['country', 'item', 'journal', 'line', 'person']);
    for (const [name, { rows, pulledRows, verifiedRows, mismatches, sourceRows }] of tried) {
      expect({ name, mismatches, unverified: rows + pulledRows - verifiedRows }).toEqual({
        name,
        mismatches: 0,
        unverified: 0,
      });
      expect(rows).toBeGreaterThan(0);
      expect(rows + pulledRows).toBeLessThanOrEqual(sourceRows);
    }
    expect(tried.get('line')).toMatchObject({ pulledRows: 0 });
    expect(tried.get('line')?.rows).toBeLessThan(8_000);
    expect(tried.get('item')?.pulledRows).toBeGreaterThan(1_000);
    expect(tried.get('person')?.pulledRows).toBeGreaterThan(1_000);
    expect(tried.get('country')?.pulledRows).toBeGreaterThan(0);
    expect(tried.get('journal')?.rows).toBe(250);
    expect(findings.filter(({ code }) => code === 'TRIAL_INCOMPLETE')).toEqual([]);
    expect(await schemas()).toEqual(['public', 'temporal_migrate']);
  });

  test('of every row is the whole database', async () => {
    const run = await stage.start({ trial: { percent: 100 }, copy: { chunkBytes: 1_048_576 } });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.signal('rejectCutover', { approver: 'ann', reason: 'enough seen' });
    const { trial } = await run.result();
    expect(trial?.tables.map(({ rows, pulledRows, sourceRows }) => rows + pulledRows - sourceRows)).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(trial?.tables.reduce((sum, { verifiedRows }) => sum + verifiedRows, 0)).toBe(109_000);
  });

  async function schemas(): Promise<string[]> {
    const rows = await query(
      stage.targetUrl,
      `SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`,
    );
    return rows.map(({ nspname }) => String(nspname));
  }
});

test('a trial of no rows is none', async () => {
  await using stage = await MigrationStage.open({ load: 'CREATE TABLE t (id INT PRIMARY KEY)' });
  await stage.startWorker();
  await execute(stage.sourceUrl, 'INSERT INTO t VALUES (1)');
  const run = await stage.start({ trial: { percent: 0 } });
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  await run.signal('rejectCutover', { approver: 'ann', reason: 'enough seen' });
  const { trial, phases } = await run.result();
  expect(trial).toBeNull();
  expect(phases.map(({ name }) => name)).not.toContain('trial');
});
