/**
 * Makes every npm script work as the first command after a clone: installs the packages, compiles the project, and
 * only then runs what was asked for. Both steps are skipped when their result is up to date. It needs Node alone.
 *
 *   node scripts/launch.mjs <entry> [arguments]                  runs dist/<entry>.js in this very process
 *   node scripts/launch.mjs --stages <a,b> [arguments for jest]  runs the stages named, each in its own process
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const lock = join(root, '.launch.lock');

const STAGES = {
  build: () => compile(),
  typecheck: () => tool('typescript/bin/tsc', '-p', 'tsconfig.json'),
  lint: async () => {
    await tool('eslint/bin/eslint.js', '--max-warnings', '0', '.');
    await tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.');
  },
  jest: (extra) => tool('jest/bin/jest.js', ...extra),
};

const [first, ...rest] = process.argv.slice(2);
if (first === undefined) fail('say what to run: node scripts/launch.mjs <entry> [arguments]');
await alone(async () => {
  await install();
  if (first !== '--stages') await compile();
});
if (first === '--stages') await runStages(rest[0].split(','), rest.slice(1));
else await runEntry(first, rest);

/** Runs a compiled entry here rather than in a child, so that signals, the terminal and the exit code are its own. */
async function runEntry(entry, args) {
  const file = join(dist, `${entry}.js`);
  const main = existsSync(file) ? file : join(dist, entry, 'index.js');
  if (!existsSync(main)) fail(`there is no ${entry}.ts to run`);
  process.argv = [process.argv[0], main, ...args];
  Module.runMain();
}

async function runStages(names, args) {
  for (const name of names) {
    const started = Date.now();
    say(`== ${name} ==`);
    if (name === 'build') await alone(compile);
    else await STAGES[name](args);
    say(`== ${name}: ok, ${((Date.now() - started) / 1000).toFixed(1)} s ==`);
  }
}

/** Installs exactly what the lockfile says, unless that is what is installed. No package's install script is needed. */
async function install() {
  if (isInstalled()) return;
  say('Installing packages (npm ci)');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  if (npm?.endsWith('.js')) await run(process.execPath, [npm, ...args]);
  else await run('npm', args);
}

/** npm writes its hidden lockfile last, so a complete installation is one whose packages are all in it, as wanted. */
function isInstalled() {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && installed[path] === undefined),
  );
}

/** Compiles the project into dist, unless dist was made from these very sources. */
async function compile() {
  const stamp = join(dist, '.sources');
  const sources = hashOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  say('Compiling');
  rmSync(stamp, { force: true });
  await tool('typescript/bin/tsc', '-p', 'tsconfig.build.json');
  const bundler = join(dist, 'scripts', 'bundleWorkflows.js');
  if (existsSync(bundler)) await run(process.execPath, [bundler]);
  writeFileSync(stamp, sources);
}

function hashOfSources() {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8'));
  const files = include
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const hash = createHash('sha256');
  for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', ...files]) {
    hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

/** Runs one step while no other launch in this clone runs one: two installations at once would corrupt both. */
async function alone(step) {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let told = false; !take(mine); told = true) {
      if (!told) say('Waiting for another launch in this folder');
      await wait(200);
    }
    process.once('exit', release);
    await step();
    release();
    process.removeListener('exit', release);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** A hard link appears together with its content, so whoever finds the lock also finds whose it is. */
function take(mine) {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isAlive(holder())) rmSync(lock, { force: true });
  return false;
}

function release() {
  if (holder() === process.pid) rmSync(lock, { force: true });
}

/** The process that holds the lock, or undefined when it has just been released. */
function holder() {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tool(path, ...args) {
  return run(process.execPath, [join(root, 'node_modules', path), ...args]);
}

/** Runs a program to its end; its failure is this process's end, with the same exit code or signal. */
function run(program, args) {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    // A terminal sends Ctrl-C to parent and child alike: passing it on would be a second one.
    const signals = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const ignored = () => undefined;
    for (const signal of signals) process.on(signal, forward);
    if (process.stdin.isTTY) process.on('SIGINT', ignored);
    child.once('error', (error) => fail(`cannot run ${program}: ${error.message}`));
    child.once('exit', (code, signal) => {
      for (const name of signals) process.removeListener(name, forward);
      process.removeListener('SIGINT', ignored);
      if (code === 0) done();
      else process.exit(code ?? 128 + constants.signals[signal]);
    });
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(message) {
  say(`temporal-migrate: ${message}`);
  process.exit(1);
}
