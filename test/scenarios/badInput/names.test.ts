import { query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { HOSTILE, LONG, LONG_UNICODE, NAME_COUNT, NAME_TABLES } from './names';

test('names with quotes, backticks, semicolons, unicode, 64 characters and reserved words are moved as they are', async () => {
  await using stage = await MigrationStage.open({ load: NAME_TABLES });
  await stage.startWorker();
  const targetSchema = 'sch"e;ma ü';
  const run = await stage.start({
    targetSchema,
    mapping: { identifiers: 'preserve', tables: { 'two words': { name: `n"ew'; --` } } },
  });
  await run.approve();
  const { tables } = await run.accept();
  expect(tables).toHaveLength(NAME_COUNT);
  for (const table of tables) expect(table).toMatchObject({ targetRows: 2, verifiedRows: 2, mismatches: 0 });
  const rows = await query(stage.targetUrl, 'SELECT tablename FROM pg_tables WHERE schemaname = $1', [targetSchema]);
  const stored = rows.map(({ tablename }) => String(tablename));
  expect(stored.sort()).toEqual(tables.map(({ targetName }) => targetName).sort());
  expect(stored).toEqual(expect.arrayContaining([HOSTILE, `n"ew'; --`, 'select', 'User', '__proto__']));
  // What is cut to 63 bytes stays two names, and whole characters.
  expect(stored.filter((name) => name.startsWith(LONG.slice(0, 50)))).toHaveLength(2);
  expect(stored.filter((name) => LONG_UNICODE.startsWith(name))).toHaveLength(1);
});
