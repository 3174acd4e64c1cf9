import type { TablePlan } from '../../../domain/plan';
import { jsonMeaning } from '../../../domain/jsonMeaning';
import { quoteName as quoteSource } from '../../../engines/mysql/quote';
import { quoteName } from '../../../engines/postgres/quote';
import { corpusTables, loadCorpus } from '../../helpers/corpus';
import { query, queryEach } from '../../helpers/databases';
import { startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { anyColumns, anyRows } from '../binlog/anyValues';
import { FLAVOURS, readAll } from '../mysqlSource/stage';
import { sharedSource, WayBackStage } from './stage';

const ROWS = 400;
const SEED = Date.now();
/** The table of random values. */
const RANDOM = 't';

let target: DatabaseServer;
beforeAll(async () => {
  target = await startPostgres();
});
afterAll(() => target.remove());

describe.each(FLAVOURS)('values that %s had, and that were written on PostgreSQL since', (flavour) => {
  /**
   * The rows of a source's table, each as one text. JSON that is a text is told by its meaning; and so is MySQL's own where
   * an integer beyond 64 bits may have been a decimal or a double, which PostgreSQL does not keep.
   */
  async function rowsOf(stage: WayBackStage, { table }: TablePlan): Promise<string[]> {
    const rows = await readAll(stage.pair.source, table);
    const byMeaning = flavour === 'mariadb' || table.source.name === RANDOM;
    const isText = table.columns.map(({ source }) => byMeaning && source.type.kind === 'json');
    const told = (cell: string | null, column: number): string | null =>
      cell !== null && isText[column] === true ? jsonMeaning(Buffer.from(cell, 'latin1').toString(), false) : cell;
    return rows.map((cells) => JSON.stringify(cells.map(told)));
  }

  /**
   * Takes every row away from the source once it is copied, has the target's rows updated to what they are, and the stream
   * bring them back. Answers how many there are again.
   */
  async function expectBack(stage: WayBackStage): Promise<number> {
    await stage.copy();
    const taken = stage.plans.filter(({ table }) =>
      stage.back.some((plan) => plan.table.targetName === table.source.name),
    );
    const before = new Map<string, string[]>();
    for (const plan of taken) before.set(plan.table.source.name, await rowsOf(stage, plan));
    await stage.begin();
    const updates = stage.back.map(({ table }) => {
      const column = quoteName(table.columns[0]!.source.name);
      return `update ${quoteName(table.source.name)} set ${column} = ${column}`;
    });
    await stage.onTarget(updates.join('; '));
    const deletes = stage.back.map(({ table }) => `DELETE FROM ${quoteSource(table.targetName)}`);
    await stage.onSource(['SET foreign_key_checks = 0', ...deletes].join('; '));
    expect(await stage.drain()).toMatchObject({ kind: 'drained' });
    // Rows that the target could not hold were never there to come back.
    const counts = taken.map(({ table }) => `select count(*)::int as n from ${quoteName(table.targetName)}`);
    const held = (await queryEach(stage.pair.targetUrl, counts)).map(([count]) => count?.['n']);
    let rows = 0;
    for (const [place, plan] of taken.entries()) {
      const { name } = plan.table.source;
      const back = await rowsOf(stage, plan);
      expect([name, missingFrom(back, before.get(name) ?? [])]).toEqual([name, []]);
      expect([name, back.length]).toEqual([name, held[place]]);
      rows += back.length;
    }
    return rows;
  }

  test('come back as they were: the corpus', async () => {
    await using stage = await WayBackStage.open(sharedSource(flavour, target));
    const [row] = await query(stage.pair.sourceUrl, 'SELECT VERSION() AS version');
    await loadCorpus(stage.pair.sourceUrl, corpusTables(flavour, String(row?.['version']).replace(/[^0-9.].*$/, '')));
    expect(await expectBack(stage)).toBeGreaterThan(300);
  }, 120_000);

  test('come back as they were: any values of every type', async () => {
    await using stage = await WayBackStage.open(sharedSource(flavour, target));
    const columns = anyColumns(flavour);
    const definitions = columns.map(([type], index) => `c${index} ${type}`).join(', ');
    const values = anyRows(columns, ROWS, SEED).map((cells, id) => `(${id}, ${cells.join(', ')})`);
    const inserts = Array.from({ length: ROWS / 20 }, (_, part) => values.slice(part * 20, part * 20 + 20).join(', '));
    await stage.onSource(`CREATE TABLE ${RANDOM} (id INT PRIMARY KEY, ${definitions}) CHARACTER SET utf8mb4;
      SET SESSION sql_mode = ''; ${inserts.map((rows) => `INSERT INTO ${RANDOM} VALUES ${rows}`).join(';')}`);
    process.stdout.write(`${flavour}: seed ${SEED}\n`);
    expect(await expectBack(stage)).toBeGreaterThan(ROWS / 2);
  }, 120_000);
});

/** Of these rows those that others do not have, each as often as they lack it. */
function missingFrom(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const left = counts.get(row) ?? 0;
    counts.set(row, left - 1);
    return left <= 0;
  });
}
