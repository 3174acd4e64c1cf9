import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { execute, query } from './databases';
import type { FaultyMigration } from './faultsMigration';

const SOMEBODY_ELSES = `
  CREATE TYPE mood AS ENUM ('fine');
  CREATE TABLE diary (day date PRIMARY KEY, mood mood);
  INSERT INTO diary VALUES ('2020-02-02', 'fine');`;
const BEFORE = ['public', 'public.diary', 'public.diary_pkey', 'public.mood'];
const TRAFFIC = 'mysql';

/** Gives the target something that is not the migration's, and the traffic its way: both must be the same afterwards. */
export async function prepareToUndo({ targetUrl, switchFile }: FaultyMigration): Promise<void> {
  await execute(targetUrl, SOMEBODY_ELSES);
  await writeFile(switchFile, TRAFFIC);
}

/** All is as before the migration, but for the schema in which a rollback keeps what was written to the target. */
export async function expectUndone(
  migration: FaultyMigration,
  state: 'aborted' | 'rolledBack',
  keptSchema: string | null = null,
): Promise<void> {
  const { targetUrl, switchFile } = migration;
  expect(await objects(targetUrl, keptSchema)).toEqual(BEFORE);
  expect(await query(targetUrl, 'SELECT day::text, mood FROM diary')).toEqual([{ day: '2020-02-02', mood: 'fine' }]);
  const switchFiles = (await readdir(dirname(switchFile))).filter((name) => name.startsWith(basename(switchFile)));
  expect(switchFiles).toEqual([basename(switchFile)]);
  expect(await readFile(switchFile, 'utf8')).toBe(TRAFFIC);
  expect(await query(targetUrl, 'SELECT state FROM temporal_migrate.runs')).toEqual([{ state }]);
  expect(await query(targetUrl, 'SELECT source_name FROM temporal_migrate.freezes')).toEqual([]);
  await migration.untilNobodyIsAtWork();
}

/** Schemas, relations and enums by name; without the migration's memory, and what holds its statements. */
async function objects(targetUrl: string, keptSchema: string | null): Promise<string[]> {
  const rows = await query(
    targetUrl,
    `SELECT name FROM (
       SELECT oid AS namespace, nspname AS name FROM pg_namespace
       UNION ALL SELECT relnamespace, relnamespace::regnamespace || '.' || relname FROM pg_class
       UNION ALL SELECT typnamespace, typnamespace::regnamespace || '.' || typname FROM pg_type WHERE typtype = 'e'
     ) AS objects JOIN pg_namespace ON pg_namespace.oid = namespace
     WHERE nspname !~ '^pg_' AND nspname <> ALL ($1) ORDER BY name COLLATE "C"`,
    [['information_schema', 'temporal_migrate', 'held', keptSchema ?? '']],
  );
  return rows.map(({ name }) => String(name));
}
