import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cached } from '../../scripts/servers/cache';
import type * as Programs from '../../scripts/servers/programs';
import { run } from '../../scripts/servers/run';

let folder = '';
const environment = { ...process.env };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-found-'));
  process.env['TEMPORAL_MIGRATE_CACHE'] = join(folder, 'cache');
});

afterEach(async () => {
  process.env = { ...environment };
  await rm(folder, { recursive: true, force: true });
});

/** What is found is remembered for as long as a process runs, so each test looks with a memory of its own. */
async function look(program: 'postgres' | 'mariadbd' | 'mysqld' | 'temporal' | 'haproxy'): Promise<string> {
  let find: typeof Programs.findProgram | undefined;
  jest.isolateModules(() => {
    find = jest.requireActual<typeof Programs>('../../scripts/servers/programs').findProgram;
  });
  if (find === undefined) throw new Error('the module was not loaded');
  return find(program);
}

/** A program that prints a version, in a folder under the test's own. */
async function program(place: string, name: string, version: string): Promise<string> {
  await mkdir(join(folder, place), { recursive: true });
  const path = join(folder, place, name);
  await writeFile(path, `#!/bin/sh\necho '${version}'\n`);
  await chmod(path, 0o755);
  return path;
}

const inCache = (name: string): string => join('cache', `${name}-${process.platform}-${process.arch}`, 'bin');
const onPath = (...places: string[]): void => {
  process.env['PATH'] = [...places.map((place) => join(folder, place)), environment['PATH']].join(delimiter);
};

describe('a server is found', () => {
  test('where its variable says, whatever its version', async () => {
    const named = await program('named', 'postgres', 'postgres (PostgreSQL) 12.1');
    await program('path', 'postgres', 'postgres (PostgreSQL) 18.2');
    onPath('path');
    process.env['TEMPORAL_MIGRATE_POSTGRES'] = named;
    expect(await look('postgres')).toBe(named);
  });

  test('not where its variable says, when nothing is there', async () => {
    process.env['TEMPORAL_MIGRATE_MYSQLD'] = '/nowhere/mysqld';
    await expect(look('mysqld')).rejects.toThrow('TEMPORAL_MIGRATE_MYSQLD names /nowhere/mysqld, which is not there');
  });

  test('on PATH before the cache', async () => {
    const wanted = await program('path', 'temporal', 'temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)');
    await program(inCache('temporal-1.5.1'), 'temporal', 'temporal version 1.5.1');
    onPath('path');
    expect(await look('temporal')).toBe(wanted);
  });

  test('by its own way to say its version', async () => {
    const wanted = await program('path', 'haproxy', 'HAProxy version 2.6.12-1+deb12u3 2025/10/03');
    await writeFile(wanted, `#!/bin/sh\n[ "$1" = -v ] && echo 'HAProxy version 2.6.12-1+deb12u3 2025/10/03'\n`);
    onPath('path');
    expect(await look('haproxy')).toBe(wanted);
  });

  test('in the cache when PATH has another version or another product of the same name', async () => {
    await program('old', 'mysqld', 'mysqld  Ver 8.0.36 for Linux on x86_64');
    await program('other', 'mysqld', 'mysqld  Ver 10.11.18-MariaDB for debian-linux-gnu on x86_64');
    onPath('old', 'other');
    const wanted = await program(inCache('mysql-9.7'), 'mysqld', 'mysqld  Ver 9.7.4 for Linux on x86_64');
    expect(await look('mysqld')).toBe(wanted);
    expect(await look('mariadbd')).toBe(join(folder, 'other', 'mysqld'));
  });

  test('or one line says what to install and which variable to set', async () => {
    // Neither npm nor apt nor Go is on this PATH, so nothing can be fetched.
    process.env['PATH'] = join(folder, 'empty');
    delete process.env['npm_execpath'];
    const message: string = await look('postgres').then(String, (error: unknown) => (error as Error).message);
    expect(message).toMatch(
      /^PostgreSQL 18 was not found and cannot be fetched: install it so that postgres is on PATH/,
    );
    expect(message).toContain('TEMPORAL_MIGRATE_POSTGRES');
    expect(message).not.toContain('\n');
  });
});

describe('the cache', () => {
  const fill = async (into: string): Promise<void> => writeFile(join(into, 'file'), 'complete');

  test('is filled once by two who want the same at once, and both have it complete', async () => {
    const [first, second] = await Promise.all([cached('thing', fill), cached('thing', fill)]);
    expect(first).toBe(second);
    expect(await readdir(first)).toEqual(['file']);
    expect(await readdir(join(folder, 'cache'))).toEqual([`thing-${process.platform}-${process.arch}`]);
  });

  test('keeps nothing of what could not be fetched, so the next one tries again', async () => {
    const failing = cached('thing', async (into) => {
      await fill(into);
      throw new Error('the line broke');
    });
    await expect(failing).rejects.toThrow('the line broke');
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
    expect(existsSync(await cached('thing', fill))).toBe(true);
  });

  test('loses what a killed process left half done', async () => {
    const gone = (await run(process.execPath, ['-p', 'process.pid'])).trim();
    await mkdir(join(folder, 'cache', `partial-${gone}-abc`), { recursive: true });
    await mkdir(join(folder, 'cache', `partial-${process.pid}-abc`), { recursive: true });
    await cached('thing', fill);
    const names = await readdir(join(folder, 'cache'));
    expect(names.filter((name) => name.startsWith('partial-'))).toEqual([`partial-${process.pid}-abc`]);
  });
});
