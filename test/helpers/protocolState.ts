/**
 * The protocol of a live migration as a small model: two keys, a few writes, and processes that die, wake late or are
 * there twice. docs/protocol.md tells what stands for what. A state is plain data, so that states can be compared.
 */
export interface State {
  /** The id of the last write to each key; 0 is the row that was there from the start. */
  readonly source: Rows;
  readonly target: Rows;
  /** What the application was told is stored. */
  readonly acknowledged: Rows;
  /** Keys in the order of the source's log, with the id written; those of the reverse stream are its own. */
  readonly sourceLog: readonly Write[];
  readonly targetLog: readonly Write[];
  readonly frozen: boolean;
  readonly run: 'open' | 'frozen' | 'committed' | 'aborted' | 'rolledBack' | 'accepted';
  readonly epoch: number;
  /** Whether the target lets the application in. */
  readonly opened: boolean;
  readonly traffic: 'source' | 'target';
  /** Where the copy's stream begins, which keys are copied, and where the copy ended. */
  readonly from: number | null;
  readonly copied: readonly boolean[];
  readonly high: boolean;
  readonly forward: number;
  readonly reverse: number;
  readonly stop: number | null;
  /** What the cutover's workflow does next. */
  readonly next: Step;
  readonly appliers: readonly Applier[];
  /** Steps that were sent, given up, and are carried out later all the same. */
  readonly late: readonly Late[];
  readonly left: Bounds;
}

/** How much is tried out: writes, cutovers sent back without need, restarts of the source. */
export interface Bounds {
  readonly writes: number;
  readonly aborts: number;
  readonly restarts: number;
}

export type Rows = readonly [number, number];
export interface Write {
  readonly key: 0 | 1;
  readonly id: number;
  readonly by: 'application' | 'reverse';
}
/** An attempt at a stream, with the part of the log that it has read and not applied. */
export interface Applier {
  readonly stream: 'forward' | 'reverse';
  readonly batch: { readonly from: number; readonly to: number } | null;
}
export type Late = { readonly kind: 'freeze' | 'givesBack' | 'commit' | 'overdue'; readonly epoch: number };
export type Step =
  | 'approve'
  | 'freeze'
  | 'readStop'
  | 'drain'
  | 'commit'
  | 'open'
  | 'switch'
  | 'unfreeze'
  | 'live'
  | 'protect'
  | 'drainBack'
  | 'closeRun'
  | 'switchBack'
  | 'unfreezeBack'
  | 'end';

/** Rules of the protocol; a test breaks each on purpose. */
export const RULES = {
  startBeforeCopy: 'invariant 4: the stream begins where the log stood before any row was copied',
  positionWithRows:
    'invariant 3: a batch is applied only where the stream stands, and moves it in the same transaction',
  stopBehindFreeze: 'invariant 15: the stop position is read once the source is frozen',
  stillAtStop: 'invariant 15: at the commit point the source is frozen, and its log stands at the stop position',
  oneDecision: 'invariant 14: a run is committed while it is frozen, and by the attempt whose epoch it is',
  noWayBack: 'invariant 14: nobody unfreezes the source of a run that is committed',
  openAfterCommit: 'invariant 14: the target lets nobody in before the commit point',
  giveBack: 'invariant 15: a freeze that comes late is given back',
  protectBeforeDrain: 'invariant 14: the target lets nobody in any more before the way back is drained',
  drainBack: 'invariant 17: all that was written on the target is on the source before it takes writes again',
  ownOrigin: 'invariant 17: what the reverse stream writes is not the application’s',
} as const;

export type Rule = keyof typeof RULES;

/** Where it begins. */
export const initialState = (left: Bounds): State => ({
  source: [0, 0],
  target: [0, 0],
  acknowledged: [0, 0],
  sourceLog: [],
  targetLog: [],
  frozen: false,
  run: 'open',
  epoch: 1,
  opened: false,
  traffic: 'source',
  from: null,
  copied: [false, false],
  high: false,
  forward: 0,
  reverse: 0,
  stop: null,
  next: 'approve',
  appliers: [],
  late: [],
  left,
});
