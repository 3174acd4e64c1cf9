import type { Readable, Writable } from 'node:stream';
import type { Finding } from '../domain/finding';
import type { RunKey, RunWork } from './engine';

/** Where the server's own dump and restore programs are: as the worker's environment says it, or to be looked for. */
export interface BackupPrograms {
  readonly dump: string | null;
  readonly restore: string | null;
  /** The folders of PATH. */
  readonly searchPath: string;
}

/** A backup of everything that the target's database holds of somebody else's: all but the migration's own memory. */
export interface TargetBackup {
  /** What keeps a target that is not empty from being backed up, or that it will not be. Changes nothing. */
  preflight(mode: 'whenNotEmpty' | 'none', programs: BackupPrograms): Promise<Finding[]>;
  /** How much there is to back up; null when there is nothing. `bytes` is the most that an archive takes. */
  contents(): Promise<{ readonly objects: number; readonly bytes: number } | null>;
  /** Begins an attempt, which ends the one before it. Errors: BACKUP_FAILED without usable programs. */
  open(work: RunWork, programs: BackupPrograms, signal: AbortSignal): Promise<BackupLane>;
  /** Removes what attempts that were ended have left on the server. Idempotent. */
  clear(run: RunKey): Promise<void>;
}

/** One attempt at a backup. `onTable` hears of each table that was counted. Errors: BACKUP_FAILED, PRIVILEGE_MISSING, those of a session. */
export interface BackupLane extends AsyncDisposable {
  /** Makes the archive and notes what is in it, of one moment. */
  dump(consume: (archive: Readable) => Promise<void>, onTable: () => void): Promise<void>;
  /** Restores the archive into a scratch database, compares it with what was noted, and drops it. */
  test(feed: (archive: Writable) => Promise<void>, onTable: () => void): Promise<BackupTest>;
  /** Fails with EPOCH_STALE or CONNECTION_LOST once this attempt is not the one at work any more. */
  confirm(): Promise<void>;
}

export interface BackupTest {
  readonly tables: number;
  readonly rows: number;
}
