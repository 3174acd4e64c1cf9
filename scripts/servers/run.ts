import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface RunOptions {
  readonly cwd?: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the program is killed. */
  readonly limit?: number;
  /** A text for its standard input. */
  readonly input?: string;
}

/** Runs a program to its end and gives its standard output. Rejects with its last words when it fails. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { uid, gid, cwd, limit } = options;
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(limit === undefined ? {} : { timeout: limit, killSignal: 'SIGKILL' as const }),
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    // A program that ends without reading its input says why by its exit code, not by a broken pipe here.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.once('error', (cause) => reject(new Error(`cannot run ${program}: ${cause.message}`, { cause })));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code ?? signal}: ${lastWords(errors || output)}`));
    });
  });
}

/** The end of a long text, where programs say what went wrong. */
export function lastWords(text: string, characters = 2_000): string {
  return text.trim().slice(-characters);
}

/** The project's own folder, from its sources as well as from what was compiled of them. */
export function projectFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Tells what takes long, away from the standard output that belongs to the program. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
