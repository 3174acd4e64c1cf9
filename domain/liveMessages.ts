import type { RunReference, TablesWork } from './activityMessages';
import type { FreezeMode, FreezeState } from './freeze';
import type { MigrationInput } from './input';
import type { LogAlarm } from './logRetention';
import type { Position } from './position';
import type { TableResult } from './result';

/** What workflows and activities of a live migration say to each other: names, positions and counts, never rows. */

/** The stream that brings the source's changes to the target. */
export const FORWARD = 'forward';
/** The stream that takes the target's changes back. */
export const BACK = 'back';

export interface StreamStart {
  readonly run: RunReference;
  readonly filter: MigrationInput['tables'];
}

/** Where the copy began in the source's log. */
export interface CopyEnd {
  readonly run: RunReference;
  readonly from: Position;
}

/** A statement that changed a table which is streamed. Everything in front of it has been applied, and nothing behind it. */
export interface SchemaStop {
  readonly position: Position;
  readonly behind: Position;
  readonly statement: string;
  /** Source names. */
  readonly tables: readonly string[];
}

export type StreamAnswer =
  { readonly kind: 'drained' } | { readonly kind: 'schemaChange'; readonly change: SchemaStop };

/** A schema change that is to be followed. */
export interface SchemaChangeWork extends TablesWork {
  readonly change: SchemaStop;
  readonly options: Pick<MigrationInput, 'tables' | 'mapping' | 'targetSchema' | 'targetGrants'>;
}

/** What a person decides about. */
export interface SchemaProposal {
  readonly statement: string;
  /** Source names. */
  readonly tables: readonly string[];
  /** What would be run on the target; null when nothing is proposed, an empty list when nothing need be run. */
  readonly statements: readonly string[] | null;
  /** Why nothing is proposed; empty when something is. */
  readonly reason: string;
  /** False when the stream cannot go on behind it, whatever a person does on the target. */
  readonly followable: boolean;
  /** What to know before deciding, in sentences. */
  readonly notes: readonly string[];
}

/** How far the target is behind the source. */
export interface StreamReading {
  /** When it was read, in epoch milliseconds of the source's clock. */
  readonly atMs: number;
  /** How old the oldest change may be that is not applied; 0 when there is none, null when nothing tells. */
  readonly lagSeconds: number | null;
  /** When the target last had everything, as far as readings tell; in epoch milliseconds of the source's clock. */
  readonly caughtUpAtMs: number | null;
  /** At most so many bytes of the source's log are not applied; null where the source does not tell. */
  readonly lagBytes: number | null;
  /** Whether the source is about to throw away what is not applied, or has done so. */
  readonly alarm: LogAlarm;
}

export interface ReadStreamRequest {
  readonly run: RunReference;
  /** Of the reading before. */
  readonly caughtUpAtMs: number | null;
}

/** Compares what was changed behind a position up to which everything is compared. */
export interface ChangesWork extends TablesWork {
  readonly from: Position;
}

export interface SettledChanges {
  /** Up to here everything is compared, but for the rows that never rested. */
  readonly upTo: Position;
}

/** What is left to do under the freeze, from the last write of the source to the commit point. */
export interface HandOverWork extends ChangesWork {
  /** Null where nothing was frozen. */
  readonly freeze: FreezeState | null;
  readonly filter: MigrationInput['tables'];
  readonly allowedRowDifference: number;
  /** Null without a way back. */
  readonly reverse: ReverseWork | null;
}

export interface HandOverAnswer {
  /** Of every table: its rows on both sides, and what the comparison under the freeze found. */
  readonly tables: readonly TableResult[];
  /** Milliseconds of each step, for those who want to know what a write pause is made of. */
  readonly steps: Readonly<Record<'drain' | 'compare' | 'build', number>>;
}

/** Work on the way back. */
export interface ReverseWork extends TablesWork {
  /** The target's, in which the tables are. */
  readonly schema: string;
  readonly freeze: FreezeMode;
}

/** What somebody wrote on the source behind the commit point, when a restart had ended its freeze: the target lacks it. */
export interface LateWrites {
  readonly table: string;
  /** Rows whose keys are known; 0 where only a server could tell which. */
  readonly rows: number;
  /** The keys of the first of them. */
  readonly examples: readonly string[];
}

/** How far the source is behind the target. */
export interface WayBackReading {
  /** 0 when nothing is missing; null where nothing tells. */
  readonly lagSeconds: number | null;
  /** How much of its log the target keeps for it; null when it keeps none. */
  readonly keptBytes: number | null;
  /** What was not taken back can be read no more: a rollback would lose it. */
  readonly isLost: boolean;
}
