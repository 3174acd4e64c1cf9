import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { DatabaseSettings } from '../../../domain/connection';
import { MigrationError } from '../../../domain/errors';

/** Of what a program says only its last words are kept. */
const LAST_WORDS = 4_000;
/** A path that is never there: libpq then checks no certificate, as our own connections in these modes do. */
const NO_CERTIFICATES = '/nonexistent';

export interface ChildRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly settings: DatabaseSettings;
  readonly searchPath: string;
  readonly signal: AbortSignal;
}

export interface ChildEnd {
  readonly ok: boolean;
  /** What it wrote on standard error, without the password. */
  readonly said: string;
}

/**
 * Runs a client program of the server, whose standard input or output is `pipe`'s to fill or to read: it ends with
 * this process, because its pipe then breaks. The login is in its environment alone, never in its arguments; it gets no other variable of
 * the worker. An abort ends it. Answers how it ended; rejects with what `pipe` rejects with, once it has ended.
 */
export async function runChild(
  { program, args, settings, searchPath, signal }: ChildRun,
  pipe: (stdin: Writable, stdout: Readable) => Promise<void>,
): Promise<ChildEnd> {
  signal.throwIfAborted();
  const folder = await mkdtemp(path.join(tmpdir(), 'temporal-migrate-client-'));
  try {
    const env = { PATH: searchPath, ...(await libpqEnvironment(settings, folder)) };
    const child = spawn(program, [...args], { env, cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (words: string) => (said = (said + words).slice(-LAST_WORDS)));
    const ended = new Promise<boolean>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code === 0));
    });
    try {
      const [piped, closed] = await Promise.allSettled([
        pipe(child.stdin, child.stdout).catch((error: unknown) => {
          kill();
          throw error;
        }),
        ended,
      ]);
      signal.throwIfAborted();
      if (closed.status === 'rejected') {
        throw new MigrationError('BACKUP_FAILED', `${program} cannot be run`, { cause: closed.reason });
      }
      const answer = { ok: closed.value, said: withoutSecret(said.trim(), settings) };
      // A program that ends breaks its pipe: then its own words, or their absence, say why.
      if (piped.status === 'rejected' && (answer.ok || !isBrokenPipe(piped.reason))) throw piped.reason;
      return answer;
    } finally {
      signal.removeEventListener('abort', kill);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function withoutSecret(words: string, { password }: DatabaseSettings): string {
  return password === '' ? words : words.replaceAll(password, '***');
}

/** The connection as libpq reads it from a program's environment. */
async function libpqEnvironment(
  { host, port, user, password, database, tls }: DatabaseSettings,
  folder: string,
): Promise<Record<string, string>> {
  const verifies = tls.mode === 'verify-ca' || tls.mode === 'verify-full';
  const bundled = path.join(folder, 'authorities.pem');
  if (verifies && tls.ca === null) await writeFile(bundled, rootCertificates.join('\n'), { mode: 0o600 });
  return {
    LC_ALL: 'C',
    HOME: folder,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: tls.mode,
    PGSSLROOTCERT: verifies ? (tls.ca ?? bundled) : NO_CERTIFICATES,
    PGGSSENCMODE: 'disable',
    PGCONNECT_TIMEOUT: '15',
    PGAPPNAME: 'temporal-migrate',
    // From the login on, because a role's own time limit would hold for the very statement that lifts it.
    PGOPTIONS: '-c statement_timeout=0',
  };
}

const PASSES =
  /could not connect|connection to server|server closed the connection|terminat|shutting down|starting up|no space|lock timeout/i;

/** The error of a program that did not do what it should. */
export function childError(what: string, name: string, { said }: ChildEnd): MigrationError {
  const words = said === '' ? 'it was ended from outside' : said;
  if (/permission denied|must be (?:owner|superuser)|row-level security/i.test(said))
    return new MigrationError('PRIVILEGE_MISSING', `connection "${name}": ${what}: ${words}. ${OPT_OUT}`);
  if (said === '' || PASSES.test(said))
    return new MigrationError('CONNECTION_LOST', `connection "${name}": ${what}: ${words}`);
  return new MigrationError('BACKUP_FAILED', `connection "${name}": ${what}: ${words}. ${OPT_OUT}`);
}

export const OPT_OUT = 'If you have a backup of your own, set backup.mode to "none"';
