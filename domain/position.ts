/**
 * A place in a source's change log. Opaque outside the engine that made it, tagged so that it is never compared with
 * another engine's, and it names its server, because a file offset means nothing on another one.
 */
export type Position =
  | { readonly kind: 'mysqlGtid'; readonly server: string; readonly set: string; readonly prepared?: PreparedChanges }
  | { readonly kind: 'mariadbGtid'; readonly server: string; readonly set: string; readonly prepared?: PreparedChanges }
  | {
      readonly kind: 'binlogFile';
      readonly server: string;
      readonly file: string;
      readonly offset: string;
      readonly prepared?: PreparedChanges;
    }
  | { readonly kind: 'lsn'; readonly server: string; readonly lsn: string }
  /** The server keeps no change log: nothing can be said about what was written since. */
  | { readonly kind: 'none'; readonly server: string };

/**
 * The transactions in front of a position that were prepared and neither committed nor rolled back there; absent when
 * there is none. Each has its name, and where the log holds its changes, null when they are of no interest.
 */
export type PreparedChanges = Readonly<Record<string, LogPlace | null>>;

/** A place in a file of a binary log, in bytes. */
export interface LogPlace {
  readonly file: string;
  readonly offset: number;
}

/** True when both are known and nothing can have been written between them. */
export function samePosition(a: Position, b: Position): boolean {
  if (a.kind === 'none' || b.kind === 'none') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}
