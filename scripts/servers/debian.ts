import { existsSync } from 'node:fs';
import { mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DEBIAN_PACKAGES, type DebianPackage } from './versions';
import { lastWords, reasonOf, run, say } from './run';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SOURCES = '/etc/apt';

/**
 * Unpacks Debian packages with all they depend on into a folder, and makes a starter in its `bin` for each program.
 * Nothing of the system is read but its mirror's address, or changed; no root is needed. The packages bring their own
 * C library, so they run on any Linux of the same processor that has apt.
 */
export async function fetchDebianPackages(name: DebianPackage, folder: string): Promise<void> {
  const { suite, archived, version, packages } = DEBIAN_PACKAGES[name];
  say(`Fetching ${packages.join(' and ')} ${version} from Debian ${suite}`);
  const wanted = packages.map((one) => `${one}=${version}`);
  const state = `${folder}.apt`;
  const sources = [
    sourceLine(await debianMirror(), suite),
    sourceLine(`https://snapshot.debian.org/archive/debian/${archived}`, suite),
  ];
  const reasons: string[] = [];
  try {
    for (const source of sources) {
      try {
        await download(state, source, wanted);
        await unpack(join(state, 'cache', 'archives'), folder);
        await makeStarters(folder);
        return;
      } catch (error) {
        reasons.push(lastWords(reasonOf(error), 300));
        await rm(state, { recursive: true, force: true });
      }
    }
  } finally {
    await rm(state, { recursive: true, force: true });
  }
  throw new Error(reasons.join('; '));
}

/** Signed by Debian's key where the machine has that; elsewhere, as on Ubuntu, the TLS connection vouches for it. */
function sourceLine(mirror: string, suite: string): string {
  if (existsSync(KEYRING)) return `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`;
  return `deb [trusted=yes] ${mirror.replace(/^http:/, 'https:')} ${suite} main\n`;
}

/** The Debian mirror that this machine uses, else Debian's own. */
async function debianMirror(): Promise<string> {
  const folder = join(SOURCES, 'sources.list.d');
  const names = existsSync(folder) ? await readdir(folder) : [];
  const files = [join(SOURCES, 'sources.list'), ...names.map((name) => join(folder, name))];
  for (const file of files.filter(existsSync)) {
    const mirror = /^(?:URIs:|deb )[^#\n]*?(https?:\/\/\S*\/debian)\/?(?=\s)/m.exec(await readFile(file, 'utf8'))?.[1];
    if (mirror !== undefined) return mirror;
  }
  return 'http://deb.debian.org/debian';
}

/** apt with a state of its own, which knows of no installed package and hence downloads every dependency. */
async function download(state: string, source: string, packages: readonly string[]): Promise<void> {
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  await writeFile(join(state, 'sources.list'), source);
  await writeFile(join(state, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(state, 'cache'),
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::Retries': '3',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': '1',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await run('apt-get', [...options, '--error-on=any', 'update']);
  await run('apt-get', [...options, 'install', '--download-only', '--yes', ...packages]);
}

/** Perl, which only scripts beside the programs use, is as large as the rest together and stays out. */
async function unpack(archives: string, folder: string): Promise<void> {
  const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb') && !/^(lib)?perl/.test(name));
  for (const name of packages) await run('dpkg-deb', ['--extract', join(archives, name), folder]);
  for (const unread of ['doc', 'man', 'lintian', 'locale']) {
    await rm(join(folder, 'usr', 'share', unread), { recursive: true, force: true });
  }
}

/** A starter runs a program through the loader and the libraries that were unpacked with it. */
async function makeStarters(folder: string): Promise<void> {
  const loader = await find(folder, (path) => /\/ld-linux[^/]*\.so\.\d$/.test(path) && !path.includes('/lib64/'));
  if (loader === undefined) throw new Error(`no loader among the packages in ${folder}`);
  const multiarch = dirname(loader).split('/').at(-1) ?? '';
  const libraries = [`lib/${multiarch}`, `usr/lib/${multiarch}`, 'usr/lib/mysql/private'];
  // Some packages bring a /bin of their own.
  await mkdir(join(folder, 'bin'), { recursive: true });
  for (const programs of ['usr/bin', 'usr/sbin', 'usr/lib/postgresql/18/bin']) {
    for (const name of await programsIn(join(folder, programs))) {
      const text = [
        '#!/bin/sh',
        'root=$(dirname "$(dirname "$(readlink -f "$0")")")',
        `exec "$root${loader.slice(folder.length)}" --library-path "${libraries.map((one) => `$root/${one}`).join(':')}" \\`,
        `  "$root/${programs}/${name}" "$@"`,
      ];
      await writeFile(join(folder, 'bin', name), `${text.join('\n')}\n`, { mode: 0o755 });
    }
  }
}

/** The names of a folder's programs; a loader cannot run the scripts among them. */
async function programsIn(folder: string): Promise<string[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const beginnings = await Promise.all(names.map((name) => beginningOf(join(folder, name))));
  return names.filter((_name, index) => beginnings[index] === '\x7fELF');
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function find(folder: string, wanted: (path: string) => boolean): Promise<string | undefined> {
  const entries = await readdir(folder, { recursive: true });
  return entries.map((name) => join(folder, name)).find(wanted);
}
