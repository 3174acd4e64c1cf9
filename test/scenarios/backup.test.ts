import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupResult, MigrationResult } from '../../domain/result';
import { findProgram } from '../../scripts/servers';
import { run as runProgram } from '../../scripts/servers/run';
import type { MigrationRun } from '../../scripts/migrationRun';
import { restoreCommand } from '../../domain/report/backup';
import { execute, freshDatabase, query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';
import { sharedServers } from '../helpers/servers';

const SHOP = `
  CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(50) NOT NULL);
  INSERT INTO items (words) VALUES ('one'), ('two')`;

const THEIRS = `
  CREATE SCHEMA "Their ""own"" schema";
  CREATE TYPE "Their ""own"" schema".mood AS ENUM ('fine', 'not; fine');
  CREATE SEQUENCE public.tickets START 41;
  CREATE TABLE "Their ""own"" schema"."Größe 'x'" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a b" numeric(30, 10), mood "Their ""own"" schema".mood,
    f double precision, at timestamptz DEFAULT '2020-02-02 02:02:02.222222+05', data bytea, doc jsonb,
    twice numeric GENERATED ALWAYS AS ("a b" * 2) STORED);
  CREATE TABLE public.diary (day date PRIMARY KEY, who bigint REFERENCES "Their ""own"" schema"."Größe 'x'" ON DELETE CASCADE,
    ticket bigint DEFAULT nextval('public.tickets')) PARTITION BY RANGE (day);
  CREATE TABLE public.diary_old PARTITION OF public.diary FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
  CREATE TABLE public.diary_new PARTITION OF public.diary DEFAULT;
  CREATE FUNCTION public.twice(i bigint) RETURNS bigint LANGUAGE sql AS 'SELECT i * 2';
  CREATE VIEW public.fine AS SELECT id, public.twice(id) AS two FROM "Their ""own"" schema"."Größe 'x'" WHERE mood = 'fine';
  INSERT INTO "Their ""own"" schema"."Größe 'x'" ("a b", mood, f, data, doc)
    SELECT i / 7.0, CASE WHEN i % 2 = 0 THEN 'fine' ELSE 'not; fine' END::"Their ""own"" schema".mood, sqrt(i), decode(md5(i::text), 'hex'),
      jsonb_build_object('i', i, 'text', E'tab\\t and \\u20ac') FROM generate_series(1, 20000) AS i;
  INSERT INTO public.diary (day, who) SELECT date '2019-12-01' + i, i FROM generate_series(1, 60) AS i`;

/** All that is theirs, by content; whatever is lost or changed shows here. */
const CONTENT = `
  SELECT (SELECT jsonb_agg(t ORDER BY id)::text FROM "Their ""own"" schema"."Größe 'x'" AS t) AS sizes,
    (SELECT jsonb_agg(t ORDER BY day)::text FROM public.diary AS t) AS diary, (SELECT jsonb_agg(t ORDER BY id)::text FROM public.fine AS t) AS fine,
    (SELECT last_value FROM public.tickets)::text AS tickets, (SELECT string_agg(oid::regclass || ' ' || relkind::text, ', ' ORDER BY oid::regclass::text COLLATE "C")
      FROM pg_class WHERE relnamespace IN ('public'::regnamespace, to_regnamespace('"Their ""own"" schema"'))) AS relations,
    (SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), ', ' ORDER BY conname, oid::text) FROM pg_constraint
      WHERE contype = 'f' AND conparentid = 0 AND conrelid::regclass::text !~ '^temporal_migrate') AS keys`;

async function theirs({ targetUrl }: { readonly targetUrl: string }): Promise<string> {
  const [row] = await query(targetUrl, CONTENT);
  return createHash('sha256').update(JSON.stringify(row)).digest('hex');
}

async function scratches(stage: MigrationStage): Promise<unknown> {
  return query(stage.targetUrl, `SELECT datname FROM pg_database WHERE datname LIKE 'temporal\\_migrate\\_scratch%'`);
}

async function reportOf(stage: MigrationStage, run: MigrationRun): Promise<MigrationResult> {
  return (await stage.cli.query(run.workflowId, 'report')) as MigrationResult;
}

async function backupOf(stage: MigrationStage, run: MigrationRun): Promise<BackupResult> {
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  const { backup } = await reportOf(stage, run);
  if (backup === null) throw new Error('no backup was made');
  return backup;
}

/** The file is there, whole, for its owner alone, and nothing unfinished is beside it, nor on the server. */
async function expectWhole(stage: MigrationStage, { path, bytes, sha256 }: BackupResult): Promise<void> {
  const content = await readFile(path);
  expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await runProgram('sh', ['-c', `cd "$(dirname '${path}')" && sha256sum --check --status '${path}.sha256'`]);
  expect((await readdir(stage.folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await scratches(stage)).toEqual([]);
}

test('a backup restored: what the target held is saved before anything is made, and the documented command brings it back', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await execute(stage.targetUrl, THEIRS);
  const before = await theirs(stage);
  await stage.startWorker();
  const run = await stage.start({ targetSchema: 'shop' });
  const backup = await backupOf(stage, run);
  await expectWhole(stage, backup);
  expect(backup).toMatchObject({ tables: 3, rows: 20060 });
  const page = await readFile((await reportOf(stage, run)).htmlReportPath ?? '', 'utf8');
  expect(page).toContain(backup.sha256);
  expect(page).toMatch(/at the plan/);
  await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
  expect((await run.result()).outcome).toBe('rejected');
  expect(await theirs(stage)).toBe(before);
  const archive = await readFile(backup.path, 'latin1');
  expect(archive).not.toContain('temporal_migrate.runs');

  await execute(
    stage.targetUrl,
    `DROP VIEW public.fine; DROP TABLE public.diary_old; DELETE FROM "Their ""own"" schema"."Größe 'x'" WHERE id % 3 = 0;
     UPDATE "Their ""own"" schema"."Größe 'x'" SET doc = '{}' WHERE id = 1; SELECT setval('public.tickets', 7)`,
  );
  expect(await theirs(stage).catch(() => 'broken')).not.toBe(before);
  const folder = join(await findProgram('pg_restore'), '..');
  await using restored = await freshDatabase(sharedServers().postgresUrl, 'TEMPLATE template0');
  const command = `PATH="${folder}:$PATH"; RESTORED_URL='${restored.url}'; ${restoreCommand(backup.path)}`;
  await runProgram('sh', ['-c', command]);
  expect(await theirs({ targetUrl: restored.url })).toBe(before);

  const log = JSON.stringify(await query(stage.targetUrl, 'SELECT * FROM temporal_migrate.rollback_log'));
  expect(log).toContain('temporal_migrate_scratch');
  const told = [
    log,
    JSON.stringify(await stage.cli.history(run.workflowId)),
    ...stage.workers.map((worker) => worker.log),
  ];
  expect(told.join()).not.toContain(decodeURIComponent(new URL(stage.targetUrl).password));
});

test.each(['backup.dumping', 'backup.restoring', 'backup.tested'])(
  'a worker killed at %s leaves nothing that looks complete, and the next attempt makes a whole backup',
  async (point) => {
    await using stage = await MigrationStage.open({ load: SHOP });
    await execute(stage.targetUrl, THEIRS);
    const before = await theirs(stage);
    const marker = join(stage.folder, 'marker');
    const worker = await stage.startWorker({ MIGRATION_FAULT_POINT: `${point}=${marker}` });
    const run = await stage.start({ targetSchema: 'shop' });
    await worker.ended;
    expect((await readdir(stage.folder)).filter((name) => /\.dump(?:\.sha256)?$/.test(name))).toEqual([]);
    await stage.startWorker();
    await expectWhole(stage, await backupOf(stage, run));
    await stage.cli.cancel(run.workflowId);
    expect((await stage.cli.result(run.workflowId)).status).toBe('CANCELED');
    expect(await theirs(stage)).toBe(before);
  },
);

test('a migration that is cancelled after its worker died in the restore leaves no scratch database and no part of a file', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  await execute(stage.targetUrl, THEIRS);
  const worker = await stage.startWorker({ MIGRATION_FAULT_POINT: `backup.restoring=${join(stage.folder, 'marker')}` });
  const run = await stage.start({ targetSchema: 'shop' });
  await worker.ended;
  expect(await scratches(stage)).toHaveLength(1);
  await stage.cli.cancel(run.workflowId);
  await stage.startWorker();
  expect((await stage.cli.result(run.workflowId)).status).toBe('CANCELED');
  expect(await scratches(stage)).toEqual([]);
  expect((await readdir(stage.folder)).filter((name) => /\.dump/.test(name))).toEqual([]);
});

describe('what a backup needs is looked for before anything is made', () => {
  let stage: MigrationStage;
  beforeAll(async () => {
    stage = await MigrationStage.open({ load: SHOP });
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  const noPrograms = { MIGRATION_PG_DUMP: '/nonexistent/pg_dump' };

  /** Starts a migration on a worker of its own; answers how it ended, or its report once it waits for a person. */
  async function outcome(environment: Readonly<Record<string, string>>, options: object = {}): Promise<string> {
    const worker = await stage.startWorker(environment);
    const run = await stage.start({ targetSchema: 'shop', ...options });
    const waited = await run
      .until(({ waitingFor }) => waitingFor === 'approval')
      .catch((error: unknown) => String(error));
    if (typeof waited === 'string') {
      await worker.stop();
      return waited;
    }
    const report = await reportOf(stage, run);
    await run.signal('rejectCutover', { approver: 'ann', reason: 'only a look' });
    await run.result();
    await worker.stop();
    return JSON.stringify(report);
  }

  test('nothing for an empty target', async () => {
    expect(await outcome(noPrograms)).toMatch(/"backup":null/);
  });

  test('programs of the version of the server: else it stops, saying what to install and how to do without', async () => {
    await execute(stage.targetUrl, 'CREATE TABLE IF NOT EXISTS theirs (id int)');
    expect(await outcome(noPrograms)).toMatch(/BACKUP_IMPOSSIBLE.*postgresql-client-18.*backup\.mode/s);
    const old = join(stage.folder, 'pg_dump');
    await writeFile(old, '#!/bin/sh\necho "$(basename $0) (PostgreSQL) 13.4"\n');
    await writeFile(join(stage.folder, 'pg_restore'), '#!/bin/sh\necho "pg_restore (PostgreSQL) 13.4"\n');
    for (const name of ['pg_dump', 'pg_restore']) await chmod(join(stage.folder, name), 0o755);
    expect(await outcome({ MIGRATION_PG_DUMP: old })).toMatch(/BACKUP_IMPOSSIBLE.*pg_dump 13/s);
  });

  test('the rights to make a scratch database and to read everything: else it stops, with the statements that give them', async () => {
    await execute(stage.targetUrl, 'CREATE TABLE IF NOT EXISTS theirs (id int)');
    const role = `backup_${stage.source.port}`;
    const { pathname } = new URL(stage.targetUrl);
    await execute(
      stage.targetUrl,
      `CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT CREATE ON DATABASE "${pathname.slice(1)}" TO ${role}`,
    );
    await execute(
      stage.targetUrl,
      `GRANT ALL ON SCHEMA temporal_migrate TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA temporal_migrate TO ${role}`,
    );
    const url = new URL(stage.targetUrl);
    [url.username, url.password] = [role, 'x'];
    const refused = await outcome({ MIGRATION_CONNECTION_SHOP_PG: url.href });
    expect(refused).toMatch(new RegExp(`ALTER ROLE .{0,4}${role}.{0,4} CREATEDB`));
    expect(refused).toMatch(/GRANT pg_read_all_data TO/);
    await execute(stage.targetUrl, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  test('or the word that nobody needs one, which is a finding', async () => {
    await execute(stage.targetUrl, 'CREATE TABLE IF NOT EXISTS theirs (id int)');
    const report = await outcome(noPrograms, { backup: { mode: 'none' } });
    expect(report).toMatch(/"backup":null/);
    expect(report).toContain('TARGET_NOT_BACKED_UP');
  });
});
