import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { projectFolder } from '../../scripts/servers/run';

/** A small project with this one's packages and settings, launched by this one's launcher. */
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-launch-'));
  await mkdir(join(folder, 'scripts'));
  await mkdir(join(folder, 'domain'));
  for (const name of [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/launch.mjs',
  ]) {
    await cp(join(projectFolder(), name), join(folder, name));
  }
  await symlink(join(projectFolder(), 'node_modules'), join(folder, 'node_modules'));
});

afterEach(() => rm(folder, { recursive: true }));

const source = (text: string): Promise<void> => writeFile(join(folder, 'scripts', 'probe.ts'), text);

function launch(...args: string[]) {
  const child = spawn(process.execPath, [join(folder, 'scripts', 'launch.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = textOf(child.stdout);
  const errors = textOf(child.stderr);
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number, output: output(), errors: errors() })),
  };
}

function textOf(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return () => text;
}

describe('a launch', () => {
  test('compiles once, runs the entry as its main program with its arguments, and ends with its exit code', async () => {
    await source(
      'process.stdout.write(process.argv.slice(2).join() + String(require.main === module));\nprocess.exit(7);\n',
    );
    const first = await launch('scripts/probe', '--yes', 'a b').ended;
    expect(first).toMatchObject({ code: 7, output: '--yes,a btrue', errors: 'Compiling\n' });
    const second = await launch('scripts/probe').ended;
    expect(second).toMatchObject({ code: 7, output: 'true', errors: '' });
  });

  test('compiles again when a source has changed', async () => {
    await source("process.stdout.write('old');\n");
    await launch('scripts/probe').ended;
    await source("process.stdout.write('new');\n");
    expect(await launch('scripts/probe').ended).toMatchObject({ code: 0, output: 'new' });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('passes %s on to the entry, which ends as it likes', async (signal) => {
    await source(`
      const alive = setInterval(() => undefined, 1000);
      process.on('${signal}', () => { process.stdout.write('in order'); clearInterval(alive); process.exitCode = 5; });
      process.stdout.write('up,');
      export {};
    `);
    const { child, ended } = launch('scripts/probe');
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 5, output: 'up,in order' });
  });

  test('runs nothing when the sources do not compile, also the next time', async () => {
    await source("const wrong: number = 'text';\nprocess.stdout.write(String(wrong));\n");
    for (let time = 0; time < 2; time += 1) {
      const { code, output } = await launch('scripts/probe').ended;
      expect(code).not.toBe(0);
      expect(output).toContain('error TS2322');
      expect(output).not.toContain('text\n');
    }
  });

  test('waits while another one compiles, and two at once both run', async () => {
    await source("process.stdout.write('done');\n");
    const results = await Promise.all([launch('scripts/probe').ended, launch('scripts/probe').ended]);
    expect(results.map(({ code, output }) => [code, output])).toEqual([
      [0, 'done'],
      [0, 'done'],
    ]);
    const compilations = results.filter(({ errors }) => errors.includes('Compiling'));
    expect(compilations).toHaveLength(1);
  });

  test('goes on when the one that held the lock was killed', async () => {
    const { child, ended } = launch('--nothing');
    await ended;
    await writeFile(join(folder, '.launch.lock'), String(child.pid));
    await source("process.stdout.write('done');\n");
    expect(await launch('scripts/probe').ended).toMatchObject({ code: 0, output: 'done' });
  });

  test('says which entry there is not', async () => {
    await source('export {};\n');
    const { code, errors } = await launch('scripts/nothing').ended;
    expect(code).toBe(1);
    expect(errors).toContain('there is no scripts/nothing.ts to run');
  });
});

describe('npm', () => {
  test('needs nothing but the launcher for every command of the package', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectFolder(), 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const name of ['demo', 'test', 'worker', 'bench', 'servers', 'build', 'typecheck', 'lint']) {
      expect(scripts[name]).toMatch(/^node scripts\/launch\.mjs /);
    }
  });
});
