import type { Readable, Writable } from 'node:stream';
import type { DatabaseSettings } from '../../../domain/connection';
import { MigrationError, assert } from '../../../domain/errors';
import type { BackupLane, BackupTest, RunWork } from '../../engine';
import { connect, type PostgresSession } from '../connection';
import { text } from '../control/decode';
import { closeLane, fence } from '../control/lanes';
import { createMadeLog } from '../control/made';
import { CONTROL_SCHEMA } from '../control/schema';
import { quoteQualified } from '../quote';
import { dropDatabases } from '../undoSteps';
import { childError, OPT_OUT, runChild } from './child';
import { differences, readContents, type TableContent } from './contents';
import type { FoundPrograms } from './programs';
import { makeScratch } from './scratch';

interface Tools extends FoundPrograms {
  readonly searchPath: string;
  readonly serverVersion: number;
}

/** Which objects are restored into the scratch database: everything that is not the server's as a whole, or somebody's. */
const RESTORE = ['--no-owner', '--no-privileges', '--no-publications', '--no-subscriptions', '--no-tablespaces'];
/** Since this version pg_restore sets a time limit that older servers do not know: its only error there. */
const SETS_TRANSACTION_TIMEOUT = 17;
const UNKNOWN_TIMEOUT = /unrecognized configuration parameter "transaction_timeout"[^]*errors ignored on restore: 1$/;
/** A lock that somebody holds for longer makes the dump one to try again, rather than one that hangs. */
const LOCK_WAIT = '60s';

/** One attempt at a backup. A later attempt ends its session, and with it the right to make or drop anything. */
export class PostgresBackupLane implements BackupLane {
  #contents: readonly TableContent[] | null = null;

  constructor(
    private readonly settings: DatabaseSettings,
    private readonly session: PostgresSession,
    private readonly work: RunWork,
    private readonly tools: Tools,
    private readonly signal: AbortSignal,
  ) {}

  async dump(consume: (archive: Readable) => Promise<void>, onTable: () => void): Promise<void> {
    const { session, signal } = this;
    await dropDatabases(session, createMadeLog(session), this.work.runId, 'backup ended');
    this.#contents = await session.transaction(async () => {
      await session.query('set transaction isolation level repeatable read, read only');
      const [row] = await session.query('select pg_export_snapshot()');
      const giveUp = new AbortController();
      const dumping = this.#runDump(text(row?.[0]), AbortSignal.any([signal, giveUp.signal]), consume);
      // Counted beside the dump, from the same picture; whichever fails ends the other.
      const counting = readContents(session, null, AbortSignal.any([signal, giveUp.signal]), onTable);
      for (const each of [dumping, counting]) each.catch((error: unknown) => giveUp.abort(error));
      const [dumped, counted] = await Promise.allSettled([dumping, counting]);
      if (giveUp.signal.aborted) throw giveUp.signal.reason;
      assert(dumped.status === 'fulfilled' && counted.status === 'fulfilled', 'a failure is given up for');
      return counted.value;
    });
  }

  async test(feed: (archive: Writable) => Promise<void>, onTable: () => void): Promise<BackupTest> {
    const original = this.#contents;
    assert(original, 'a backup is tested after it is made');
    const { session, work } = this;
    const made = createMadeLog(session);
    await fence(session, work);
    const scratch = await makeScratch(session, made, work.runId);
    const settings = { ...this.settings, database: scratch };
    await this.#runRestore(settings, feed);
    await using restored = await connect(settings);
    const hashed = new Set(
      original.filter(({ hash }) => hash !== '').map(({ schema, name }) => quoteQualified(schema, name)),
    );
    const different = differences(original, await readContents(restored, hashed, this.signal, onTable));
    await dropDatabases(session, made, work.runId, 'backup ended');
    if (different.length > 0) {
      throw new MigrationError(
        'BACKUP_FAILED',
        `connection "${this.settings.name}": what the backup restores is not what was backed up: ${different.slice(0, 5).join('; ')}. ${OPT_OUT}`,
      );
    }
    return { tables: original.length, rows: original.reduce((sum, { rows }) => sum + Number(rows), 0) };
  }

  async confirm(): Promise<void> {
    await fence(this.session, this.work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeLane(this.session, this.work);
  }

  async #runDump(snapshot: string, signal: AbortSignal, consume: (archive: Readable) => Promise<void>): Promise<void> {
    const args = [
      ...['--format=custom', `--snapshot=${snapshot}`, `--exclude-schema=${CONTROL_SCHEMA}`],
      ...['--no-password', `--lock-wait-timeout=${LOCK_WAIT}`],
    ];
    const run = { program: this.tools.dump, args, settings: this.settings, searchPath: this.tools.searchPath, signal };
    const end = await runChild(run, async (stdin, stdout) => {
      stdin.end();
      await consume(stdout);
    });
    if (!end.ok) throw childError('pg_dump', this.settings.name, end);
  }

  async #runRestore(settings: DatabaseSettings, feed: (archive: Writable) => Promise<void>): Promise<void> {
    const { restore, searchPath, majorVersion, serverVersion } = this.tools;
    const lenient = majorVersion >= SETS_TRANSACTION_TIMEOUT && serverVersion < SETS_TRANSACTION_TIMEOUT;
    const args = [
      ...['--format=custom', '--no-password', `--dbname=${settings.database}`],
      ...RESTORE,
      ...(lenient ? [] : ['--exit-on-error']),
    ];
    const end = await runChild(
      { program: restore, args, settings, searchPath, signal: this.signal },
      async (stdin, stdout) => {
        stdout.resume();
        await feed(stdin);
      },
    );
    if (end.ok || (lenient && UNKNOWN_TIMEOUT.test(end.said))) return;
    throw childError('the backup cannot be restored: pg_restore', this.settings.name, end);
  }
}
