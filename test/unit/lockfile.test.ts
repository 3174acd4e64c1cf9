import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectFolder, run } from '../../scripts/servers/run';

const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
const read = (name: string): unknown => JSON.parse(readFileSync(join(projectFolder(), name), 'utf8'));

describe('package-lock.json', () => {
  test('is one that npm ci takes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'temporal-migrate-lockfile-'));
    try {
      for (const name of ['package.json', 'package-lock.json']) cpSync(join(projectFolder(), name), join(folder, name));
      const options = ['--dry-run', '--ignore-scripts', '--no-audit', '--no-fund', '--offline'];
      await run('npm', ['ci', ...options], { cwd: folder });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('has an entry for the builds for every platform, also those that a registry lacked', () => {
    const { packages } = Lockfile.parse(read('package-lock.json'));
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  test('names no registry, so that each machine uses its own', () => {
    const { packages } = Lockfile.parse(read('package-lock.json'));
    expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([]);
  });
});

describe('package.json', () => {
  test('pins every package to one version', () => {
    const { dependencies, devDependencies } = Manifest.parse(read('package.json'));
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('takes all parts of the Temporal SDK in the same version', () => {
    const { dependencies, devDependencies } = Manifest.parse(read('package.json'));
    const parts = Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) =>
      name.startsWith('@temporalio/'),
    );
    expect(new Set(parts.map(([, version]) => version)).size).toBe(1);
  });
});
