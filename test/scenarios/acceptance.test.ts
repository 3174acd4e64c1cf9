import { createHash } from 'node:crypto';
import type { MigrationResult } from '../../domain/result';
import type { VerificationResult } from '../../domain/verificationResult';
import type { MigrationRun } from '../../scripts/migrationRun';
import { startApplication, type Application } from '../../scripts/shop/application';
import { loadShop } from '../../scripts/shop/load';
import { createSourceUser } from '../../scripts/shop/users';
import { readBoth, sourceTables } from '../helpers/compareDatabases';
import { query } from '../helpers/databases';
import { until } from '../helpers/faultsUntil';
import { MigrationStage } from '../helpers/migrationStage';
import { startReader, type Reader } from '../helpers/reader';

const ROWS = 100_000;
const LIMIT_MS = 5 * 60_000;
const SAMPLES = 200;

/**
 * What whoever accepts a migration asks, each a question of its own, about one shop that is used while it moves. The
 * answers are found by SELECTs of this suite's own beside the product's. The tests look, in this order, at one run.
 */
describe('acceptance', () => {
  let stage: MigrationStage;
  let run: MigrationRun;
  let application: Application;
  let reader: Reader;
  /** From the start command until the target was live. */
  let tookMs: number;
  let readsUnderFreeze: number;
  let tables: Awaited<ReturnType<typeof sourceTables>>;

  beforeAll(async () => {
    stage = await MigrationStage.open({ load: (url) => loadShop(url, { rows: ROWS }) });
    const applicationUrl = await createSourceUser(stage.sourceUrl, 'app', 'app');
    application = await startApplication(applicationUrl, { rate: 40 });
    reader = await startReader(applicationUrl, 'SELECT count(*) AS n FROM orders WHERE id > ?');
    await stage.startWorker();
    const started = performance.now();
    run = await stage.start();
    await run.approve();
    await until('the application is refused', () => application.statistics().state.doing === 'paused');
    const before = reader.reads;
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    tookMs = performance.now() - started;
    readsUnderFreeze = reader.reads - before;
    tables = await sourceTables(stage.sourceUrl);
  });
  afterAll(async () => {
    await reader.stop();
    await application.stop();
    await stage[Symbol.asyncDispose]();
  });

  const onBoth = async (sql: (side: 'source' | 'target') => string): Promise<[unknown, unknown]> => [
    await query(stage.sourceUrl, sql('source')),
    await query(stage.targetUrl, sql('target')),
  ];
  const report = async (): Promise<MigrationResult> =>
    (await stage.cli.query(run.workflowId, 'report')) as MigrationResult;
  const verification = async (verify: object): Promise<VerificationResult> =>
    (await (await stage.start({ verify }, 'databaseVerification')).result()) as unknown as VerificationResult;

  test('100,000 rows are live within 5 minutes', async () => {
    const total = (await report()).tables.reduce((sum, { targetRows }) => sum + targetRows, 0);
    expect(total).toBeGreaterThanOrEqual(ROWS);
    expect(tookMs).toBeLessThan(LIMIT_MS);
  });

  test('concurrent readers and writers: reads never stop, and every write that was confirmed has arrived', async () => {
    const { orders, uncertain, writes, state } = application.statistics();
    expect(writes.source).toBeGreaterThan(10);
    expect(state).toMatchObject({ doing: 'paused', side: 'source' });
    expect(uncertain).toEqual([]);
    const [source, target] = await onBoth(() => "SELECT reference FROM orders WHERE reference LIKE 'A%' ORDER BY id");
    expect(target).toEqual(source);
    expect(target).toEqual(expect.arrayContaining(orders.map((reference) => ({ reference }))));
    expect(readsUnderFreeze).toBeGreaterThan(0);
    expect(reader.failures).toEqual([]);
  });

  test('counts: every table has as many rows on both sides, and the report says so', async () => {
    const reported = new Map((await report()).tables.map((table) => [table.name, table]));
    for (const table of tables.keys()) {
      const [source, target] = await onBoth((side) =>
        side === 'source'
          ? `SELECT count(*) AS n FROM \`${table}\``
          : `SELECT count(*) AS n FROM "${table.toLowerCase()}"`,
      );
      const [sourceRows, targetRows] = [source, target].map((rows) => Number((rows as { n: unknown }[])[0]?.n));
      expect({ table, rows: targetRows }).toEqual({ table, rows: sourceRows });
      expect(reported.get(table)).toMatchObject({ sourceRows, targetRows, mismatches: 0 });
    }
    expect(reported.size).toBe(tables.size);
  });

  test('checksums: the SHA-256 of all rows of every table is the same on both sides', async () => {
    const checksum = (lines: string[]): string => createHash('sha256').update(lines.sort().join('\n')).digest('hex');
    for (const [table, columns] of tables) {
      const { source, target } = await readBoth(stage.sourceUrl, stage.targetUrl, table, columns);
      expect({ table, checksum: checksum(target) }).toEqual({ table, checksum: checksum(source) });
    }
  });

  test('samples: rows picked at random are the same on both sides, by hand and by a comparison of a sample', async () => {
    const picked = await query(stage.sourceUrl, `SELECT id FROM orders ORDER BY rand() LIMIT ${SAMPLES}`);
    const keys = picked.map(({ id }) => String(id)).join();
    const read = (text: string, date: string): string =>
      `SELECT id AS k, reference, customer_id AS c, CAST(total AS ${text}) AS total, status AS s, ${date} AS placed
       FROM orders WHERE id IN (${keys}) ORDER BY id`;
    const [source, target] = await onBoth((side) =>
      side === 'source'
        ? read('CHAR', "DATE_FORMAT(placed_at, '%Y-%m-%d %H:%i:%s.%f')")
        : read('text', "to_char(placed_at, 'YYYY-MM-DD HH24:MI:SS.US')"),
    );
    const asText = (rows: unknown): string[] =>
      (rows as Record<string, unknown>[]).map((row) => Object.values(row).map(String).join('|'));
    expect(asText(target)).toEqual(asText(source));
    expect(picked).toHaveLength(SAMPLES);
    const { outcome, tables: compared } = await verification({ mode: 'sample', samplePercent: 20 });
    expect(outcome).toBe('equal');
    const verified = compared.reduce((sum, { verifiedRows }) => sum + verifiedRows, 0);
    expect(verified).toBeGreaterThan(ROWS / 20);
  });

  test('references: every foreign key is there, is valid, and nothing is orphaned', async () => {
    const expected = await query(
      stage.sourceUrl,
      'SELECT count(*) AS n FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()',
    );
    const keys = (await query(
      stage.targetUrl,
      `SELECT conname AS name, conrelid::regclass::text AS child, confrelid::regclass::text AS parent, convalidated AS valid,
         (SELECT string_agg(format('c.%I = p.%I', a.attname, b.attname), ' AND ' ORDER BY i)
          FROM unnest(conkey, confkey) WITH ORDINALITY AS u (own, other, i)
          JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = own
          JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = other) AS matches,
         (SELECT string_agg(format('c.%I IS NOT NULL', attname), ' AND ') FROM pg_attribute
          WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS given
       FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
    )) as { name: string; child: string; parent: string; valid: boolean; matches: string; given: string }[];
    expect(keys).toHaveLength(Number(expected[0]?.['n']));
    expect(keys.length).toBeGreaterThan(5);
    for (const { name, child, parent, valid, matches, given } of keys) {
      const [orphans] = await query(
        stage.targetUrl,
        `SELECT count(*)::int AS n FROM ${child} c WHERE ${given} AND NOT EXISTS (SELECT FROM ${parent} p WHERE ${matches})`,
      );
      expect({ name, valid, orphans: orphans?.['n'] }).toEqual({ name, valid: true, orphans: 0 });
    }
  });

  test('aggregates: sums, extremes and numbers of values of every whole and decimal number are the same', async () => {
    let compared = 0;
    for (const [table, columns] of tables) {
      // A number of one digit may have become a truth value, which has no sum.
      const booleans = await query(
        stage.targetUrl,
        `SELECT attname FROM pg_attribute WHERE attrelid = '"${table.toLowerCase()}"'::regclass AND atttypid = 'boolean'::regtype`,
      );
      const truths = new Set(booleans.map(({ attname }) => attname));
      const numbers = columns.filter(
        ({ name, kind }) => /int$|^decimal$/i.test(kind) && !truths.has(name.toLowerCase()),
      );
      if (numbers.length === 0) continue;
      const [source, target] = await onBoth((side) =>
        side === 'source'
          ? aggregates(
              `\`${table}\``,
              numbers.map(({ name }) => `\`${name}\``),
              'CHAR',
            )
          : aggregates(
              `"${table.toLowerCase()}"`,
              numbers.map(({ name }) => `"${name.toLowerCase()}"`),
              'text',
            ),
      );
      expect({ table, of: target }).toEqual({ table, of: source });
      compared += numbers.length;
    }
    expect(compared).toBeGreaterThan(20);
  });

  test('variance limits: as many differing rows as are allowed pass, one more does not', async () => {
    const kept = await query(
      stage.targetUrl,
      `WITH gone AS (DELETE FROM reviews WHERE id IN (SELECT id FROM reviews ORDER BY id LIMIT 2) RETURNING *)
       SELECT json_agg(gone)::text AS rows FROM gone`,
    );
    try {
      const limits = await Promise.all([1, 2].map((allowedRowDifference) => verification({ allowedRowDifference })));
      expect(limits.map(({ outcome }) => outcome)).toEqual(['different', 'equal']);
      const [strict] = limits;
      expect(strict?.tables.find(({ name }) => name === 'reviews')).toMatchObject({ mismatches: 2 });
      expect(strict?.mismatches).toEqual(
        expect.arrayContaining([expect.stringMatching(/^reviews \(\d+\) is missing on the target$/)]),
      );
    } finally {
      await query(
        stage.targetUrl,
        'INSERT INTO reviews OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::reviews, $1)',
        [kept[0]?.['rows']],
      );
    }
    expect((await verification({})).outcome).toBe('equal');
  });

  test('rollback: the application writes on where it was, with every row it had, and the target is out of the way', async () => {
    const before = application.statistics();
    await run.signal('requestRollback', { by: 'ann', reason: 'the suite asks for it' });
    expect((await run.result()).outcome).toBe('rolledBack');
    await until('the application writes on', () => application.statistics().writes.source > before.writes.source);
    const { orders, uncertain } = await application.stop();
    expect(uncertain).toEqual([]);
    const found = await query(stage.sourceUrl, "SELECT reference FROM orders WHERE reference LIKE 'A%' ORDER BY id");
    expect(found.map(({ reference }) => reference)).toEqual(orders);
    expect(await query(stage.targetUrl, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    expect(reader.failures).toEqual([]);
  });
});

function aggregates(table: string, columns: readonly string[], text: string): string {
  const cells = columns.flatMap((column, i) =>
    ['sum', 'min', 'max', 'count'].map((name) => `CAST(${name}(${column}) AS ${text}) AS ${name}${i}`),
  );
  return `SELECT ${cells.join(', ')} FROM ${table}`;
}
