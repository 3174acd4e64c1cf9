import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { WrittenRow } from '../pipeline/findWritten';

const BUFFER_BYTES = 65_536;

/** A table's rows as NDJSON. The file appears whole, with its name, or not at all; without a row there is none. */
export class WrittenFile implements AsyncDisposable {
  readonly counts = { insert: 0, update: 0, delete: 0 };
  private readonly hash = createHash('sha256');
  private lines: string[] = [];
  private waiting = 0;
  private handle: FileHandle | null = null;

  constructor(readonly file: string) {}

  async add(row: WrittenRow): Promise<void> {
    this.counts[row.change] += 1;
    const line = `${JSON.stringify(row)}\n`;
    this.lines.push(line);
    this.waiting += line.length;
    if (this.waiting >= BUFFER_BYTES) await this.flush();
  }

  /** Answers the digest of the file's bytes, in hex; null when there is no row and so no file. */
  async finish(): Promise<string | null> {
    await this.flush();
    if (this.handle === null) {
      // An attempt that came further than this one is mistaken about what it saw.
      await rm(this.file, { force: true });
      return null;
    }
    await this.handle.sync();
    await this.handle.close();
    this.handle = null;
    await rename(this.part, this.file);
    return this.hash.digest('hex');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.handle === null) return;
    await this.handle.close();
    await rm(this.part, { force: true });
  }

  private get part(): string {
    return `${this.file}.part`;
  }

  private async flush(): Promise<void> {
    if (this.lines.length === 0) return;
    if (this.handle === null) {
      await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
      this.handle = await open(this.part, 'w', 0o600);
    }
    const bytes = Buffer.from(this.lines.join(''), 'utf8');
    this.lines = [];
    this.waiting = 0;
    this.hash.update(bytes);
    await this.handle.writeFile(bytes);
  }
}

/** A file's name for a table of any name: two tables never share one, whatever the file system thinks of case. */
export function fileNameOf(table: string): string {
  if (/^[a-z0-9_]{1,64}$/.test(table)) return table;
  const readable = table.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, 64);
  return `${readable}-${createHash('sha256').update(table).digest('hex').slice(0, 8)}`;
}
