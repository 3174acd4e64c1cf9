import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findProgram } from '../servers';
import { run } from '../servers/run';
import { loadMixedTable, MIXED_TABLE } from './mixedTable';
import { phaseSeconds, Stage, timed } from './stage';

const DATABASE = 'mixed';

/** One table of 13 mixed columns against `psql \\copy` of the same rows from a ready file. */
export async function benchMixed(rows: number): Promise<string[]> {
  await using stage = await Stage.open('mysql');
  await loadMixedTable(stage.source.url(DATABASE), rows);
  const { result, peakMemoryMb } = await stage.migrate(DATABASE);
  const copy = phaseSeconds(result, 'copy');
  const floor = await copyFloor(stage);
  return [
    `mixed table, ${rows.toLocaleString('en')} rows, MySQL to PostgreSQL`,
    `  psql \\copy from a ready text file     ${floor.toFixed(1)} s`,
    `  copy phase of a migration             ${copy.toFixed(1)} s   ${(copy / floor).toFixed(2)} times the floor (at most 1.25)`,
    `  keys and indexes                      ${phaseSeconds(result, 'buildTarget').toFixed(1)} s`,
    `  full verification                     ${phaseSeconds(result, 'verify').toFixed(1)} s`,
    `  worker's peak memory                  ${peakMemoryMb} MB (under 400)`,
  ];
}

/** The floor: the rows that the migration wrote, exported to a file, and read back into an empty table like it. */
async function copyFloor(stage: Stage): Promise<number> {
  const psql = await findProgram('psql');
  const folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-bench-'));
  const file = join(folder, 'rows.txt');
  const url = stage.target.url(DATABASE);
  try {
    await run(psql, [url, '-qc', `\\copy mixed to '${file}'`]);
    await stage.onTarget(DATABASE, 'CREATE TABLE floor (LIKE mixed)');
    return await timed(() => run(psql, [url, '-qc', `\\copy floor from '${file}'`]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same table from MariaDB against pgloader, which cannot log in to MySQL 9. */
export async function benchPgloader(rows: number): Promise<string[]> {
  const installed = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'pgloader')));
  if (!installed) return ['pgloader is not installed: not compared'];
  await using stage = await Stage.open('mariadb');
  await loadMixedTable(stage.source.url(DATABASE), rows);
  const { result } = await stage.migrate(DATABASE);
  const ours = phaseSeconds(result, 'copy') + phaseSeconds(result, 'buildTarget');
  // Its default of 100,000 rows read ahead may exhaust its heap of 1 GB.
  const asItComes = await timePgloader(stage, '');
  const tuned = await timePgloader(stage, 'WITH prefetch rows = 10000');
  const told = (seconds: number | null): string =>
    seconds === null ? 'ends without the rows' : `${seconds.toFixed(1)} s   ${(seconds / ours).toFixed(1)} times ours`;
  return [
    `the same table, MariaDB to PostgreSQL, keys and indexes included`,
    `  copy and build of a migration         ${ours.toFixed(1)} s`,
    `  pgloader as it comes                  ${told(asItComes)}`,
    `  pgloader, prefetch rows = 10000       ${told(tuned)}`,
  ];
}

/** Seconds that pgloader takes; null when not every row is there in the end. */
async function timePgloader(stage: Stage, options: string): Promise<number | null> {
  await stage.onTarget('postgres', 'DROP DATABASE IF EXISTS pgloader');
  await stage.onTarget('postgres', 'CREATE DATABASE pgloader');
  const folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-bench-'));
  const script = join(folder, 'mixed.load');
  try {
    const from = stage.source.url(DATABASE).replace(/^mariadb:/, 'mysql:');
    await writeFile(script, `LOAD DATABASE FROM ${from} INTO ${stage.target.url('pgloader')} ${options};\n`);
    // It ends with its own failures told in its log alone: whether the rows are there says more than its exit code.
    const seconds = await timed(() => run('pgloader', [script]).catch(() => undefined));
    const [counted] = await stage
      .onTarget('pgloader', `SELECT count(*)::int AS rows FROM ${DATABASE}.${MIXED_TABLE}`)
      .catch(() => []);
    const [wanted] = await stage.onTarget(DATABASE, `SELECT count(*)::int AS rows FROM ${MIXED_TABLE}`);
    return counted !== undefined && counted['rows'] === wanted?.['rows'] ? seconds : null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
