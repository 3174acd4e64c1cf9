import { existsSync } from 'node:fs';
import { chmod, chown, cp, lstat, mkdir, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cacheFolder } from './cache';
import { run } from './run';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

let user: Promise<User | undefined> | undefined;

/** Who runs the database servers: they refuse to run as root, so then it is `nobody`; else it is who runs this. */
export function serverUser(): Promise<User | undefined> {
  user ??= process.getuid?.() === 0 ? nobody() : Promise.resolve(undefined);
  return user;
}

async function nobody(): Promise<User> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'nobody']), run('id', ['-g', 'nobody'])]);
  return { uid: Number(uid), gid: Number(gid) };
}

/** Gives a file or folder to the user who runs the servers. */
export async function giveTo(owner: User | undefined, path: string): Promise<void> {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

/**
 * The path of a server's program itself, whose companions are beside it, as the server's user can reach it. Root's home is closed to others, and with it root's cache, so
 * there the folder that holds the program's `bin` is copied to a temporary place, once until the machine clears it.
 */
export async function reachable(found: string, owner: User | undefined): Promise<string> {
  // A link on PATH only stands for the program.
  const program = await realpath(found);
  if (owner === undefined || (await isOpenToOthers(program))) return program;
  const cache = await realpath(cacheFolder()).catch(cacheFolder);
  if (!program.startsWith(cache)) throw new Error(`${program} is in a folder that only root can enter`);
  const root = dirname(dirname(program));
  const shelf = join(tmpdir(), 'temporal-migrate-programs');
  await mkdir(shelf, { recursive: true, mode: 0o755 });
  const { uid, mode } = await lstat(shelf);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${shelf} is not root's alone: delete it and start again`);
  const copy = join(shelf, `${basename(root)}-${(await stat(root)).ino}`);
  if (!existsSync(copy)) {
    const partial = await mkdtemp(join(shelf, 'partial-'));
    await cp(root, partial, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await chmod(partial, 0o755);
    await rename(partial, copy).catch(async (error: unknown) => {
      await rm(partial, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    });
  }
  return join(copy, 'bin', basename(program));
}

/** Whether every folder on the way lets anyone through. */
async function isOpenToOthers(path: string): Promise<boolean> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
  }
  return true;
}
