import type { RowSink } from '../engine';
import { readRows } from './reader';
import type { Session, TextRow } from './session';

/**
 * One moment of the database, read through one session for as long as that lives. A transaction keeps each table that
 * it has read from being altered until it ends; going back to the savepoint lets go of them and keeps the moment.
 */
export class Snapshot {
  private text: 'raw' | 'utf8mb4' = 'raw';

  private constructor(private readonly session: Session) {}

  /** `session` is pinned to repeatable reads, and gives raw text. */
  static async begin(session: Session): Promise<Snapshot> {
    await session.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    await session.query('SAVEPOINT moment');
    return new Snapshot(session);
  }

  async query(sql: string, signal?: AbortSignal): Promise<TextRow[]> {
    await this.have('utf8mb4');
    const rows = await this.session.query(sql, signal);
    await this.letGo();
    return rows;
  }

  async readRows(sql: string, columns: number, sink: RowSink, signal: AbortSignal): Promise<number> {
    await this.have('raw');
    const rows = await readRows(this.session, sql, columns, sink, signal);
    await this.letGo();
    return rows;
  }

  private async letGo(): Promise<void> {
    await this.session.query('ROLLBACK TO SAVEPOINT moment');
  }

  private async have(text: Snapshot['text']): Promise<void> {
    if (this.text === text) return;
    await this.session.query(`SET SESSION character_set_results = ${text === 'raw' ? 'NULL' : text}`);
    this.text = text;
  }
}
