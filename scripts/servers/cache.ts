import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './processes';

/** Where fetched programs stay: outside the clone, so that a second clone starts in seconds. */
export function cacheFolder(): string {
  const named = process.env['TEMPORAL_MIGRATE_CACHE'];
  return named === undefined || named === '' ? join(homedir(), '.cache', 'temporal-migrate') : named;
}

/** The folder of something fetched for this platform, whether or not it is there. */
export function cachedFolder(name: string): string {
  return join(cacheFolder(), `${name}-${process.platform}-${process.arch}`);
}

/**
 * The folder of something fetched, which `fill` fetches when it is not there. The folder appears complete or not at
 * all: when two processes fetch the same, the first to finish wins, and one that was killed leaves nothing behind but
 * a partial folder, which the next one deletes.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = cachedFolder(name);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  await deleteAbandoned();
  const partial = await mkdtemp(join(cacheFolder(), `partial-${process.pid}-`));
  try {
    await fill(partial);
    await chmod(partial, 0o755);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function deleteAbandoned(): Promise<void> {
  for (const name of await readdir(cacheFolder())) {
    const owner = /^partial-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await rm(join(cacheFolder(), name), { recursive: true, force: true });
  }
}
