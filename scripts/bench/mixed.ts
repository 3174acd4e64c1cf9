import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findProgram } from '../servers';
import { run } from '../servers/run';
import { loadMixedTable } from './mixedTable';
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
  await stage.onTarget('postgres', 'CREATE DATABASE pgloader');
  const folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-bench-'));
  const script = join(folder, 'mixed.load');
  try {
    const from = stage.source.url(DATABASE).replace(/^mariadb:/, 'mysql:');
    // Its default of 100,000 rows read ahead exhausts its heap of 1 GB when the target is the slower side.
    const options = 'WITH prefetch rows = 10000';
    await writeFile(script, `LOAD DATABASE FROM ${from} INTO ${stage.target.url('pgloader')} ${options};\n`);
    const theirs = await timed(() => run('pgloader', [script]));
    return [
      `the same table, MariaDB to PostgreSQL, keys and indexes included`,
      `  pgloader                              ${theirs.toFixed(1)} s`,
      `  copy and build of a migration         ${ours.toFixed(1)} s   ${(theirs / ours).toFixed(1)} times as fast (at least 4)`,
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
