import type { RunReference, TablesWork } from '../domain/activityMessages';
import type { MigrationInput } from '../domain/input';
import type { Position } from '../domain/position';
import type { ChangeStream } from './changeStream';
import type { Compensations } from './compensations';
import type { Decisions } from './decisions';
import type { MigrationRecord } from './record';
import type { WayBack } from './wayBack';

/** What every phase of one migration shares. */
export interface Migration {
  readonly run: RunReference;
  readonly input: MigrationInput;
  readonly record: MigrationRecord;
  readonly decisions: Decisions;
  /** The way back from here: to an untouched target, and behind the commit point to a live source. */
  compensations: Compensations;
  /** Fences off attempts of work that has been undone; raised by each undo. */
  epoch: number;
  /** Of a live migration; a bigBang has nothing to follow. */
  readonly stream: ChangeStream;
  /** Of a live migration behind its commit point. */
  readonly wayBack: WayBack;
  /** The source has everything that was written on the target. */
  returned: boolean;
  /** How many schema changes of the source have been met. */
  schemaChanges: number;
  /**
   * Every row of a live migration has been compared, but for those changed behind the position; with the schema as it
   * was after so many changes.
   */
  compared: { readonly upTo: Position; readonly schemaChanges: number } | null;
}

export function workOn(migration: Migration, tables: readonly string[]): TablesWork {
  return { run: migration.run, epoch: migration.epoch, tables };
}

export function allTables(migration: Migration): string[] {
  return migration.record.tables.map((table) => table.name);
}
