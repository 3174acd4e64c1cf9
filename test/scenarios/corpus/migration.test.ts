import { startPostgres } from '../../../scripts/servers';
import { POSTGRES_VERSION } from '../../../scripts/servers/versions';
import { corpusTables, loadCorpus, type CorpusTable } from '../../helpers/corpus';
import { ArrivedTables, type Arrived, type Comparison } from '../../helpers/corpus/arrived';
import { query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import type { MigrationResult } from '../../../domain/result';
import type { VerificationResult } from '../../../domain/verificationResult';

/** The choices under which every value arrives that can. */
const LENIENT = { zeroDates: 'null', nulCharacters: 'strip', invalidEnums: 'null', orphans: 'notValid' } as const;

/** From either server to the newest PostgreSQL, and to the oldest that is supported. */
const PAIRS = [
  ['mysql', POSTGRES_VERSION],
  ['mariadb', POSTGRES_VERSION],
  ['mysql', '14'],
] as const;

describe.each(PAIRS)('the corpus of values, migrated from %s to PostgreSQL %s', (flavour, version) => {
  let stage: MigrationStage;
  let tables: CorpusTable[];
  let result: MigrationResult;

  beforeAll(async () => {
    stage = await MigrationStage.open({
      flavour,
      ...(version === POSTGRES_VERSION ? {} : { postgres: startPostgres({ version }) }),
      load: async (url) => {
        const [row] = await query(url, 'SELECT VERSION() AS version');
        tables = corpusTables(flavour, String(row?.['version']).replace(/[^0-9.].*$/, ''));
        await loadCorpus(url, tables);
      },
    });
    await stage.startWorker();
    const limit = tables.reduce((sum, { alwaysRejected }) => sum + alwaysRejected, 0);
    const run = await stage.start({ mapping: LENIENT, rejectedRows: { limit } });
    await run.approve();
    result = await run.accept();
  }, 600_000);
  afterAll(() => stage[Symbol.asyncDispose]());

  test('every table is verified whole, without a difference but for the rows that nothing lets in', () => {
    expect(result.outcome).toBe('accepted');
    const wanted = tables.map(({ name, expected: { length: rows }, alwaysRejected }) => ({
      name,
      source: rows,
      target: rows - alwaysRejected,
      verified: rows - alwaysRejected,
      mismatches: 0,
    }));
    const found = result.tables.map(({ name, sourceRows, targetRows, verifiedRows, mismatches }) => ({
      name,
      source: sourceRows,
      target: targetRows,
      verified: verifiedRows,
      mismatches,
    }));
    const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);
    expect(found.sort(byName)).toEqual(wanted.sort(byName));
  });

  test('each row that nothing lets in is kept, and told', async () => {
    const wanted = tables
      .filter(({ alwaysRejected }) => alwaysRejected > 0)
      .map(({ name, alwaysRejected }) => ({ table: name, rows: alwaysRejected }));
    const kept = await query(
      stage.targetUrl,
      'SELECT table_name AS table, count(*)::int AS rows FROM temporal_migrate.rejected_rows GROUP BY 1',
    );
    const byTable = (one: { table?: unknown }, other: { table?: unknown }) =>
      String(one.table) < String(other.table) ? -1 : 1;
    expect(kept.sort(byTable)).toEqual(wanted.sort(byTable));
    const told = result.findings.filter(({ code }) => code === 'ROWS_REJECTED').map(({ object }) => object);
    expect(told.sort()).toEqual(wanted.map(({ table }) => table));
  });

  test('a comparison that runs alone, and knows of the migration nothing but its mapping, finds them equal', async () => {
    const refused = tables.filter(({ alwaysRejected }) => alwaysRejected > 0).map(({ name }) => name);
    const run = await stage.start({ mapping: LENIENT, tables: { exclude: refused } }, 'databaseVerification');
    const { outcome, findings, mismatches, tables: compared } = (await run.result()) as unknown as VerificationResult;
    // The CLI prints an empty list as null.
    expect({ outcome, findings, mismatches }).toEqual({ outcome: 'equal', findings: null, mismatches: null });
    expect(compared.length).toBe(result.tables.length - refused.length);
  });

  test('every value arrives as the list says', () => expectEach((arrived, table) => arrived.rows(table)));

  test('every column has its type, its labels, its default, its counter and its comment', () =>
    expectEach((arrived, table) => arrived.columns(table)));

  async function expectEach(compare: (arrived: ArrivedTables, table: Arrived) => Promise<Comparison>): Promise<void> {
    await using arrived = await ArrivedTables.open(stage.targetUrl);
    const differing = [];
    for (const { name, targetName, columns } of result.tables) {
      const table = tables.find((each) => each.name === name);
      if (table === undefined) throw new Error(`the corpus has no table ${name}`);
      const { expected, found } = await compare(arrived, { table, targetName, columns });
      if (JSON.stringify(expected) !== JSON.stringify(found)) differing.push({ name, expected, found });
    }
    expect(differing.map(({ name, found }) => ({ name, rows: found }))).toEqual(
      differing.map(({ name, expected }) => ({ name, rows: expected })),
    );
  }
});
