import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BackupPrograms } from '../../engine';

/** A pair of the server's client programs, found on this machine. */
export interface FoundPrograms {
  readonly dump: string;
  readonly restore: string;
  /** Of pg_dump; it reads servers up to this version. */
  readonly majorVersion: number;
}

/** Where packages put the programs, besides PATH. `*` is a version. */
const STANDARD_FOLDERS: readonly (readonly [parent: string, bin: string])[] = [
  ['/usr/lib/postgresql', 'bin'],
  ['/usr/local/lib/postgresql', 'bin'],
  ['/opt/homebrew/opt', 'bin'],
  ['/usr/local/opt', 'bin'],
];
const VERSION_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

/**
 * The programs to use for a server of this version: those of the nearest version that is not older, because a newer
 * pg_restore says things that an older server does not know. Null where there are none; `seen` tells what is there.
 */
export async function findPrograms(
  { dump, restore, searchPath }: BackupPrograms,
  serverVersion: number,
): Promise<{ programs: FoundPrograms | null; seen: readonly string[] }> {
  const candidates = dump === null ? await programsIn(searchPath) : [dump];
  const found: FoundPrograms[] = [];
  const seen: string[] = [];
  for (const candidate of candidates) {
    const version = await majorVersionOf(candidate, searchPath);
    if (version === null && dump === null) continue;
    const beside = restore ?? path.join(path.dirname(candidate), 'pg_restore');
    const restoreVersion = await majorVersionOf(beside, searchPath);
    seen.push(
      version === null
        ? `${candidate} (cannot be run)`
        : `${candidate} ${version}${restoreVersion === null ? `, without ${beside}` : ''}`,
    );
    // An archive is read by the same version or a later one.
    if (version !== null && restoreVersion !== null && version >= serverVersion && restoreVersion >= version)
      found.push({ dump: candidate, restore: beside, majorVersion: version });
  }
  found.sort((a, b) => a.majorVersion - b.majorVersion);
  return { programs: found[0] ?? null, seen };
}

/** Every pg_dump on PATH and in the standard folders, each once. */
async function programsIn(searchPath: string): Promise<string[]> {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '');
  for (const [parent, bin] of STANDARD_FOLDERS) {
    const versions = await readdir(parent).catch(() => []);
    folders.push(...versions.map((version) => path.join(parent, version, bin)));
  }
  const programs = new Map<string, string>();
  for (const folder of folders) {
    const program = path.join(folder, 'pg_dump');
    if (await isExecutable(program)) programs.set(await realpath(folder), program);
  }
  return [...programs.values()];
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Null where the program is not there, or says nothing that pg_dump or pg_restore would. */
async function majorVersionOf(program: string, searchPath: string): Promise<number | null> {
  const env = { PATH: searchPath, LC_ALL: 'C' };
  const said = await run(program, ['--version'], { env, timeout: VERSION_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const version = /\(PostgreSQL\) (\d+)/.exec(said)?.[1];
  return version === undefined ? null : Number(version);
}
