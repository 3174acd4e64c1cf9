import type { DatabaseSettings } from '../../../domain/connection';
import { MigrationError } from '../../../domain/errors';
import type { BackupLane, BackupPrograms, RunKey, RunWork, TargetBackup } from '../../engine';
import { connect, type PostgresSession } from '../connection';
import { takeLane } from '../control/lanes';
import { createMadeLog } from '../control/made';
import { hasControlSchema } from '../control/schema';
import { dropDatabases } from '../undoSteps';
import { countObjects } from './contents';
import { PostgresBackupLane } from './lane';
import { backupFindings } from './preflight';
import { findPrograms } from './programs';

/** Backups by pg_dump and pg_restore. */
export class PostgresBackup implements TargetBackup {
  constructor(
    private readonly settings: DatabaseSettings,
    private readonly session: PostgresSession,
    private readonly serverVersion: number,
  ) {}

  preflight(mode: 'whenNotEmpty' | 'none', programs: BackupPrograms) {
    return backupFindings(this.session, this.serverVersion, mode, programs);
  }

  async contents(): Promise<{ objects: number; bytes: number } | null> {
    const objects = await countObjects(this.session);
    if (objects === 0) return null;
    const [row] = await this.session.query('select pg_database_size(current_database())');
    return { objects, bytes: Number(row?.[0]) };
  }

  async open(work: RunWork, given: BackupPrograms, signal: AbortSignal): Promise<BackupLane> {
    const { programs } = await findPrograms(given, this.serverVersion);
    if (programs === null) {
      const told = `no pg_dump and pg_restore of version ${this.serverVersion} or later on this worker`;
      throw new MigrationError(
        'BACKUP_FAILED',
        `connection "${this.settings.name}": ${told}: install postgresql-client-${this.serverVersion} on every worker`,
      );
    }
    const session = await connect(this.settings);
    try {
      await takeLane(session, work);
      const tools = { ...programs, searchPath: given.searchPath, serverVersion: this.serverVersion };
      return new PostgresBackupLane(this.settings, session, work, tools, signal);
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  async clear({ runId }: RunKey): Promise<void> {
    if (!(await hasControlSchema(this.session))) return;
    await dropDatabases(this.session, createMadeLog(this.session), runId, 'backup ended');
  }
}
