import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../scripts/servers/run';
import { execute, query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';

const SHOP = `
  CREATE TABLE Customer (CustomerId INT AUTO_INCREMENT PRIMARY KEY, Email VARCHAR(100) NOT NULL,
    State ENUM('new', 'old') NOT NULL, UNIQUE KEY email (Email), KEY state (State));
  CREATE TABLE \`Order\` (OrderId BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, CustomerId INT NOT NULL,
    CONSTRAINT order_customer FOREIGN KEY (CustomerId) REFERENCES Customer (CustomerId));
  INSERT INTO Customer (Email, State) VALUES ('ann@example.com', 'new'), ('bob@example.com', 'old');
  INSERT INTO \`Order\` (CustomerId) VALUES (1), (2);
  CREATE USER app@'%' IDENTIFIED BY 'app';
  GRANT SELECT, INSERT, UPDATE ON shop.* TO app@'%';
  CREATE USER chief@'%' IDENTIFIED BY 'chief';
  GRANT ALL PRIVILEGES ON *.* TO chief@'%'`;

/** Every schema, relation, type and constraint of the target but the migration's memory. */
const TARGET_CATALOG = `
  SELECT 'schema' AS what, oid::regnamespace::text AS name FROM pg_namespace
  UNION ALL SELECT 'relation ' || relkind::text, oid::regclass::text FROM pg_class
  UNION ALL SELECT 'type', oid::regtype::text FROM pg_type
  UNION ALL SELECT 'constraint', conname::text FROM pg_constraint WHERE connamespace <> 'temporal_migrate'::regnamespace
  ORDER BY 1, 2`;

interface Entry {
  readonly place: string;
  readonly kind: string;
  readonly name: string;
  readonly undo: string;
  readonly undone_at: string | null;
  readonly undone_by: string | null;
}

/** The query that docs/operations.md tells a person to run. */
async function documentedQuery(): Promise<string> {
  const text = await readFile(join(projectFolder(), 'docs', 'operations.md'), 'utf8');
  const found = /### By hand[^]*?\n( {4}SELECT[^]*?;)\n/.exec(text)?.[1];
  if (found === undefined) throw new Error('docs/operations.md has no query for undoing by hand');
  return found;
}

async function log(stage: MigrationStage): Promise<Entry[]> {
  const sql = `SELECT place, kind, name, undo, undone_at::text, undone_by FROM temporal_migrate.rollback_log ORDER BY number`;
  return (await query(stage.targetUrl, sql)) as unknown as Entry[];
}

async function targetCatalog(stage: MigrationStage): Promise<unknown> {
  const rows = await query(stage.targetUrl, TARGET_CATALOG);
  return rows.filter(
    ({ name }) => !String(name).includes('temporal_migrate') && !/pg_toast|pg_temp/.test(String(name)),
  );
}

async function sourceAsItIs(stage: MigrationStage): Promise<unknown> {
  return {
    settings: await query(stage.sourceUrl, `SHOW GLOBAL VARIABLES LIKE '%read_only'`),
    accounts: await query(stage.sourceUrl, 'SELECT user, host, account_locked FROM mysql.user ORDER BY 1, 2'),
    grants: await query(stage.sourceUrl, `SHOW GRANTS FOR app@'%'`),
  };
}

test.each(['readOnly', 'accounts'])(
  'a target that is built and a source frozen by %s are undone by hand, by the statements of the log alone',
  async (freeze) => {
    await using stage = await MigrationStage.open({ load: SHOP });
    // The migration's memory is there before, so that only what is made for the data can differ.
    await execute(stage.targetUrl, 'CREATE SCHEMA temporal_migrate');
    const before = { target: await targetCatalog(stage), source: await sourceAsItIs(stage) };
    const worker = await stage.startWorker({ MIGRATION_FAULT_POINT: `commit.checked=${join(stage.folder, 'marker')}` });
    const run = await stage.start({ targetSchema: 'Shop', cutover: { freeze } });
    await run.approve();
    await worker.ended;
    expect(await targetCatalog(stage)).not.toEqual(before.target);
    expect(await sourceAsItIs(stage)).not.toEqual(before.source);

    const undo = (await query(stage.targetUrl, await documentedQuery())) as unknown as Entry[];
    for (const { place, undo: sql } of undo)
      await execute(place === 'source' ? stage.source.url('shop') : stage.targetUrl, sql);
    expect(await targetCatalog(stage)).toEqual(before.target);
    expect(await sourceAsItIs(stage)).toEqual(before.source);
    expect(undo.filter(({ place }) => place === 'target').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['foreignKey', 'unique', 'index', 'primaryKey', 'table', 'type', 'schema']),
    );
  },
);

test('after a cutover that was sent back and a rejection the log says what was undone, by what, and each once', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await stage.startWorker();
  const run = await stage.start({ cutover: { maxFreezeSeconds: 0.001, attempts: 1 } });
  await run.approve();
  await expect(run.until(({ waitingFor }) => waitingFor === 'acceptance')).rejects.toThrow(/FREEZE_OVERDUE/);
  await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
  expect((await run.result()).outcome).toBe('rejected');
  const entries = await log(stage);
  expect(entries.filter(({ undone_at }) => undone_at === null)).toEqual([]);
  for (const { place, undone_by } of entries)
    expect(undone_by).toMatch(place === 'source' ? /^unfreeze the source$/ : /^(drop what was made|empty the tables)$/);
  expect(entries.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['table', 'type']));
});

test('after a rollback the log says where the tables are now, and what would move them back; the traffic is back', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await stage.startWorker();
  const file = join(stage.folder, "the shop's.json");
  await writeFile(file, 'old');
  const run = await stage.start({ cutover: { switch: [{ kind: 'file', path: file, content: 'new' }] } });
  await run.approve();
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  const live = await log(stage);
  expect(live.filter(({ place, undone_at }) => place !== 'target' && undone_at === null)).toMatchObject([
    { place: 'source', kind: 'setting', undo: expect.stringMatching(/^SET GLOBAL super_read_only = OFF/) as unknown },
    { place: 'switch', kind: 'file', name: file },
  ]);
  await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
  const { keptSchema } = await run.result();
  const after = await log(stage);
  const open = after.filter(({ undone_at }) => undone_at === null);
  expect(open.map(({ kind }) => kind).sort()).toEqual(['keptSchema', 'moved', 'moved', 'moved']);
  expect(after.find(({ place }) => place === 'switch')).toMatchObject({ undone_by: 'switch back' });
  expect(after.find(({ place }) => place === 'source')).toMatchObject({ undone_by: 'unfreeze the source' });
  for (const { undo } of open.reverse()) await execute(stage.targetUrl, undo);
  expect(await query(stage.targetUrl, 'SELECT count(*)::int AS n FROM public.customer')).toEqual([{ n: 2 }]);
  expect(await query(stage.targetUrl, `SELECT to_regnamespace('"${keptSchema ?? ''}"') AS gone`)).toEqual([
    { gone: null },
  ]);
  expect(JSON.stringify(after)).not.toContain(decodeURIComponent(new URL(stage.targetUrl).password));
});
