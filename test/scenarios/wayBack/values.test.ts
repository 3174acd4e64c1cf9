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

const ROWS = 200;
const SEED = Date.now();
/** The table of random values. */
const RANDOM = 't';

/** What a column is on the source, what it becomes, and values as literals. */
const MAPPED: readonly [type: string, mapped: string, values: readonly [string, string, string]][] = [
  ['INT', 'numeric(12,2)', ['-2147483648', '0', '7']],
  ['BIGINT UNSIGNED', 'numeric(30,5)', ['18446744073709551615', '0', 'NULL']],
  ['TINYINT', 'boolean', ['1', '0', 'NULL']],
  ['DECIMAL(10,0)', 'bigint', ['-5', '9999999999', 'NULL']],
  ['DECIMAL(10,2)', 'numeric(20,4)', ['-5.10', '99999999.99', 'NULL']],
  ['FLOAT', 'double precision', ['0.1', '3.4028235e38', '-1e-40']],
  ['BIT(1)', 'boolean', ["b'1'", "b'0'", 'NULL']],
  ['VARCHAR(40)', 'uuid', ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'NULL', 'NULL']],
  ['VARCHAR(9)', 'text', ["'a '", "''", "'ä'"]],
  ['BINARY(16)', 'uuid', ["X'a0eebc999c0b4ef8bb6d6bb9bd380a11'", "REPEAT(X'00', 16)", 'NULL']],
  ["ENUM('a','7','','é')", 'text', ["'7'", "''", "'é'"]],
  ["SET('a','7','é')", 'text', ["'a,é'", "''", "'7'"]],
  ['JSON', 'text', [`'{"a": [1, 1.5]}'`, `'"ä"'`, 'NULL']],
  ['DATETIME(3)', 'timestamptz(6)', ["'2024-02-29 23:59:59.999'", "'1000-01-01'", 'NULL']],
  ['TIMESTAMP(6) NULL', 'timestamp(6)', ["'2024-03-31 01:30:00.000001'", "'1970-01-01 00:00:01'", 'NULL']],
  ['TIME(6)', 'time(6)', ["'23:59:59.999999'", "'00:00:00'", "'24:00:00'"]],
  ['TIME', 'interval', ["'-838:59:59'", "'12:00:00'", 'NULL']],
  ['YEAR', 'integer', ['0', '1901', '2155']],
];
const MAPPED_MARIADB: typeof MAPPED = [
  ['UUID', 'text', ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'NULL', 'NULL']],
  ['INET6', 'text', ["'2001:db8::1'", "'::ffff:10.0.0.1'", 'NULL']],
  ['INET4', 'text', ["'10.0.0.1'", 'NULL', 'NULL']],
];

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
   * bring them back; then once more, with the rows in their places, which are found by their keys; then has them deleted.
   * Answers how many there were.
   */
  async function expectBack(stage: WayBackStage, mapping?: Parameters<WayBackStage['copy']>[1]): Promise<number> {
    await stage.copy([], mapping);
    const taken = stage.plans.filter(({ table }) =>
      stage.back.some((plan) => plan.table.targetName === table.source.name),
    );
    const before = new Map<string, string[]>();
    for (const plan of taken) before.set(plan.table.source.name, await rowsOf(stage, plan));
    // Rows that the target could not hold were never there to come back.
    const counts = taken.map(({ table }) => `select count(*)::int as n from ${quoteName(table.targetName)}`);
    const held = (await queryEach(stage.pair.targetUrl, counts)).map(([count]) => Number(count?.['n']));
    await stage.begin();
    const names = stage.back.map(({ table }) => [quoteName(table.source.name), quoteSource(table.targetName)] as const);
    const updates = stage.back.map(({ table }) => {
      const column = quoteName(table.columns[0]!.source.name);
      return `update ${quoteName(table.source.name)} set ${column} = ${column}`;
    });
    const removed = names.map(([, source]) => `DELETE FROM ${source}`);
    await stage.onSource(['SET foreign_key_checks = 0', ...removed].join('; '));
    for (let time = 1; time <= 2; time++) {
      await stage.onTarget(updates.join('; '));
      expect(await stage.drain()).toMatchObject({ kind: 'drained' });
      for (const [place, plan] of taken.entries()) {
        const { name } = plan.table.source;
        const back = await rowsOf(stage, plan);
        expect([name, missingFrom(back, before.get(name) ?? [])]).toEqual([name, []]);
        expect([name, back.length]).toEqual([name, held[place]]);
      }
    }
    await stage.onTarget(names.map(([name]) => `delete from ${name}`).join('; '));
    expect(await stage.drain()).toMatchObject({ kind: 'drained' });
    for (const plan of taken)
      expect([plan.table.source.name, await rowsOf(stage, plan)]).toEqual([plan.table.source.name, []]);
    return held.reduce((sum, rows) => sum + rows, 0);
  }

  test('come back as they were: the corpus', async () => {
    await using stage = await WayBackStage.open(sharedSource(flavour, target));
    const [row] = await query(stage.pair.sourceUrl, 'SELECT VERSION() AS version');
    await loadCorpus(stage.pair.sourceUrl, corpusTables(flavour, String(row?.['version']).replace(/[^0-9.].*$/, '')));
    expect(await expectBack(stage)).toBeGreaterThan(300);
    const left = stage.plans.filter(
      ({ table }) => !stage.back.some((plan) => plan.table.targetName === table.source.name),
    );
    expect(left.filter(({ table }) => table.chunkKey !== null && table.source.transactional)).toEqual([]);
    expect(left.length).toBeLessThan(stage.back.length / 4);
  }, 120_000);

  test('come back as they were: out of every type that a mapping may ask for', async () => {
    await using stage = await WayBackStage.open(sharedSource(flavour, target));
    const own = flavour === 'mariadb' ? MAPPED_MARIADB : [];
    const mapped = [...MAPPED, ...own];
    const definitions = mapped.map(([type], place) => `c${place} ${type}`).join(', ');
    const rows = Array.from(
      { length: 3 },
      (_, row) => `(${row}, ${mapped.map(([, , values]) => values[row]).join(', ')})`,
    );
    await stage.onSource(`CREATE TABLE mapped (id INT PRIMARY KEY, ${definitions}) CHARACTER SET utf8mb4;
      INSERT INTO mapped VALUES ${rows.join(', ')}`);
    const columns = Object.fromEntries(mapped.map(([, type], place) => [`c${place}`, { type }]));
    expect(await expectBack(stage, { tables: { mapped: { columns } } })).toBe(3);
  }, 60_000);

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
