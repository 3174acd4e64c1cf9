import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MigrationError } from '../domain/errors';
import { byteSize } from '../domain/format';
import { writeAtomically } from './atomicFile';

const OWNER_ONLY = 0o600;

/**
 * A file that gets its name once everything about it is right, and beside it its checksum in the form of sha256sum. It
 * holds other people's data: nobody but its owner reads it.
 */
export class BackupFile {
  bytes = 0;
  sha256 = '';

  constructor(readonly path: string) {}

  /** Errors: BACKUP_FAILED when the disk has less than this. */
  async requireRoom(bytes: number): Promise<void> {
    const folder = path.dirname(this.path);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    if (free >= bytes) return;
    throw new MigrationError(
      'BACKUP_FAILED',
      `the backup of the target takes up to ${byteSize(bytes)}, and ${folder} has ${byteSize(free)} free: make room, ` +
        'or let MIGRATION_FILE_ROOTS begin with a folder that has it. If you have a backup of your own, set backup.mode to "none"',
    );
  }

  /** Removes what there is, complete or not. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#checksum, { force: true });
    await this.removePart();
  }

  async removePart(): Promise<void> {
    await rm(this.#part, { force: true });
  }

  async write(content: Readable, onBytes: (bytes: number) => void): Promise<void> {
    const hash = createHash('sha256');
    const into = createWriteStream(this.#part, { mode: OWNER_ONLY });
    await pipeline(content, (chunks) => this.#through(chunks as AsyncIterable<Buffer>, hash, onBytes), into).catch(
      (error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        throw new MigrationError('BACKUP_FAILED', `the disk of ${this.path} is full: make room for the backup`);
      },
    );
    const handle = await open(this.#part);
    await handle.sync();
    await handle.close();
    this.sha256 = hash.digest('hex');
  }

  /** Reads it back from the disk. Errors: BACKUP_FAILED when it is not what was written. */
  async read(into: Writable, onBytes: (bytes: number) => void): Promise<void> {
    const hash = createHash('sha256');
    const from = createReadStream(this.#part);
    await pipeline(from, (chunks) => this.#through(chunks as AsyncIterable<Buffer>, hash, onBytes), into);
    if (hash.digest('hex') === this.sha256) return;
    throw new MigrationError('BACKUP_FAILED', `${this.#part} does not hold what was written to it: look at its disk`);
  }

  async complete(): Promise<void> {
    await writeAtomically(this.#checksum, `${this.sha256}  ${path.basename(this.path)}\n`);
    await rename(this.#part, this.path);
  }

  async *#through(chunks: AsyncIterable<Buffer>, hash: Hash, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
    this.bytes = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      this.bytes += chunk.length;
      onBytes(this.bytes);
      yield chunk;
    }
  }

  get #part(): string {
    return `${this.path}.part`;
  }

  get #checksum(): string {
    return `${this.path}.sha256`;
  }
}
