import type { Position } from './position';

/** What a freeze found and where it stopped; small enough for a history and free of secrets. */
export interface FreezeState {
  /** Settings as they were before the freeze, to be put back. */
  readonly found: Readonly<Record<string, string>>;
  /** The position read after the freeze held. */
  readonly position: Position;
  /** Identifies this life of the server: a restart gives another. */
  readonly serverLife: string;
}
