import type { Applier, Late, Rows, Rule, State, Write } from './protocolState';

export interface Successor {
  readonly action: string;
  readonly state: State;
}

/** Every state that can follow, whoever is the next to do something. `broken` is the rule that is not kept. */
export function successors(state: State, broken: Rule | null): Successor[] {
  const keeps = (rule: Rule): boolean => rule !== broken;
  return [
    ...applicationWrites(state),
    ...copying(state, keeps),
    ...applying(state, keeps),
    ...cuttingOver(state, keeps),
    ...goingBack(state, keeps),
    ...lateSteps(state, keeps),
  ];
}

type Keeps = (rule: Rule) => boolean;

const KEYS = [0, 1] as const;

function withKey(rows: Rows, key: 0 | 1, id: number): Rows {
  return key === 0 ? [id, rows[1]] : [rows[0], id];
}

export const sourceTakesWrites = (state: State): boolean => !state.frozen;
export const targetTakesWrites = (state: State): boolean => state.opened;

function applicationWrites(state: State): Successor[] {
  const { left, traffic } = state;
  const takes = traffic === 'source' ? sourceTakesWrites(state) : targetTakesWrites(state);
  if (left.writes === 0 || !takes) return [];
  // Ids are in the order of the writes, and no two writes share one.
  const id = Math.max(...state.acknowledged) + 1;
  return KEYS.map((key) => {
    const write: Write = { key, id, by: 'application' };
    const acknowledged = withKey(state.acknowledged, key, id);
    const next = { ...state, acknowledged, left: { ...left, writes: left.writes - 1 } };
    return {
      action: `the application writes ${id} to key ${key} on the ${traffic}`,
      state:
        traffic === 'source'
          ? { ...next, source: withKey(state.source, key, id), sourceLog: [...state.sourceLog, write] }
          : { ...next, target: withKey(state.target, key, id), targetLog: [...state.targetLog, write] },
    };
  });
}

function copying(state: State, keeps: Keeps): Successor[] {
  const { from, copied, high, sourceLog } = state;
  const isCopied = copied.every((done) => done);
  const found: Successor[] = [];
  if (from === null && (keeps('startBeforeCopy') || isCopied)) {
    const here = { from: sourceLog.length, forward: sourceLog.length };
    found.push({ action: 'where the stream begins is noted', state: { ...state, ...here } });
  }
  if (from !== null || !keeps('startBeforeCopy')) {
    for (const key of KEYS) {
      if (copied[key]) continue;
      found.push({
        action: `key ${key} is copied`,
        state: {
          ...state,
          target: withKey(state.target, key, state.source[key]),
          copied: copied.map((done, other) => done || other === key),
        },
      });
    }
  }
  if (isCopied && from !== null && !high) found.push({ action: 'the copy ends', state: { ...state, high: true } });
  return found;
}

const MOST_APPLIERS = 2;

function applying(state: State, keeps: Keeps): Successor[] {
  const found: Successor[] = [];
  const streams = [
    ...(state.high && (state.run === 'open' || state.run === 'frozen') ? (['forward'] as const) : []),
    ...(state.run === 'committed' ? (['reverse'] as const) : []),
  ];
  for (const stream of streams) {
    // Another attempt may begin while the one before it is still there: one that is dead is one that is never its turn.
    if (state.appliers.filter((applier) => applier.stream === stream).length < MOST_APPLIERS) {
      found.push({
        action: `an attempt at the ${stream} stream begins`,
        state: { ...state, appliers: [...state.appliers, { stream, batch: null }] },
      });
    }
  }
  state.appliers.forEach((applier, place) => {
    const others = state.appliers.filter((_, other) => other !== place);
    const { stream, batch } = applier;
    const log = stream === 'forward' ? state.sourceLog : state.targetLog;
    if (batch === null) {
      const from = state[stream];
      for (let to = from + 1; to <= log.length; to++) {
        const reads = state.appliers.map((each, other) => (other === place ? { stream, batch: { from, to } } : each));
        found.push({ action: `the ${stream} stream reads ${from} to ${to}`, state: { ...state, appliers: reads } });
      }
    } else {
      found.push(applied(state, stream, batch, others, keeps));
    }
  });
  return found;
}

/** A batch is a transaction on the side that it is applied to. */
function applied(
  state: State,
  stream: 'forward' | 'reverse',
  { from, to }: { from: number; to: number },
  appliers: readonly Applier[],
  keeps: Keeps,
): Successor {
  const action = `the ${stream} stream applies ${from} to ${to}`;
  if (keeps('positionWithRows') && state[stream] !== from)
    return { action: `${action}, in vain`, state: { ...state, appliers } };
  const writes = (stream === 'forward' ? state.sourceLog : state.targetLog).slice(from, to);
  const wanted = writes.filter(({ by }) => by === 'application' || !keeps('ownOrigin'));
  const apply = (rows: Rows): Rows => wanted.reduce((now, { key, id }) => withKey(now, key, id), rows);
  const moved = { ...state, appliers, [stream]: to };
  if (stream === 'forward') return { action, state: { ...moved, target: apply(state.target) } };
  const logged = wanted.map((write): Write => ({ ...write, by: 'reverse' }));
  return { action, state: { ...moved, source: apply(state.source), sourceLog: [...state.sourceLog, ...logged] } };
}

function cuttingOver(state: State, keeps: Keeps): Successor[] {
  const { next, run, sourceLog, stop, forward } = state;
  const to = (action: string, changes: Partial<State>): Successor => ({ action, state: { ...state, ...changes } });
  switch (next) {
    case 'approve':
      if (!state.high || state.run !== 'open') return [];
      return [
        to('a person approves', { run: 'frozen', next: keeps('stopBehindFreeze') ? 'freeze' : 'readStop' }),
        to('a person rejects', { run: 'aborted', next: 'end' }),
      ];
    case 'freeze':
      if (run === 'open') return sentBack(state);
      return [
        to('the source is frozen', { frozen: true, next: keeps('stopBehindFreeze') ? 'readStop' : 'drain' }),
        ...sentBack(state),
      ];
    case 'readStop':
      if (run === 'open') return sentBack(state);
      return [
        to('the stop position is read', {
          stop: sourceLog.length,
          next: keeps('stopBehindFreeze') ? 'drain' : 'freeze',
        }),
        ...sentBack(state),
      ];
    case 'drain': {
      const drained = stop !== null && forward >= stop;
      const opens = keeps('openAfterCommit') ? {} : { opened: true };
      return [...(drained ? [to('everything is applied', { next: 'commit', ...opens })] : []), ...sentBack(state)];
    }
    case 'commit': {
      if (run === 'committed') return [to('the commit is found done', { next: 'open' }), ...sentBack(state)];
      const done = committed(state, state.epoch, keeps);
      const lost = done.map(({ action, state: after }) => ({
        action: `${action}, and the answer is lost`,
        state: { ...after, next },
      }));
      return [...done, ...lost, ...sentBack(state)];
    }
    case 'unfreeze':
      return [to('the source is unfrozen', { frozen: false, stop: null, next: 'approve' })];
    case 'open':
      return [to('the target is opened', { opened: true, next: 'switch' }), ...asksBack(state, keeps)];
    case 'switch':
      return [to('the traffic is switched', { traffic: 'target', next: 'live' }), ...asksBack(state, keeps)];
    case 'live':
      return [to('a person accepts', { run: 'accepted', next: 'end' }), ...asksBack(state, keeps)];
    default:
      return [];
  }
}

/** The source restarts in front of the commit point, or the cutover fails or is overdue: its next step may still be on its way. */
function sentBack(state: State): Successor[] {
  const { left, frozen, next, epoch, run } = state;
  const found: Successor[] = [];
  if (run === 'open') {
    return [{ action: 'the cutover finds that it was sent back', state: { ...state, next: 'unfreeze' } }];
  }
  if (left.aborts > 0 && frozen && run === 'frozen') {
    found.push({
      action: 'a worker that starts sees an overdue freeze',
      state: {
        ...state,
        left: { ...left, aborts: left.aborts - 1 },
        late: [...state.late, { kind: 'overdue', epoch }],
      },
    });
  }
  if (left.restarts > 0 && frozen && run === 'frozen') {
    found.push({
      action: 'the source restarts, which ends its freeze',
      state: { ...state, frozen: false, left: { ...left, restarts: left.restarts - 1 } },
    });
  }
  // Where the freeze is lost, or the log went on, there is no other way.
  const isDue = (next === 'drain' || next === 'commit') && (!frozen || state.sourceLog.length !== state.stop);
  if (left.aborts === 0 && !isDue) return found;
  const back: State = { ...state, left: { ...left, aborts: left.aborts - (isDue ? 0 : 1) } };
  if (run === 'frozen') {
    const undone: State = { ...back, run: 'open', epoch: epoch + 1, next: 'unfreeze' };
    found.push({ action: 'the cutover is sent back', state: undone });
    if (next === 'freeze' || next === 'commit') {
      const late: Late = { kind: next, epoch };
      found.push({
        action: `the cutover is sent back, while its step "${next}" is on its way`,
        state: { ...undone, late: [...state.late, late] },
      });
    }
  }
  return found;
}

/** The commit point: one compare-and-set. A commit that was on its way when its answer was lost is found by the next attempt. */
function committed(state: State, epoch: number, keeps: Keeps): Successor[] {
  const { run, frozen, sourceLog, stop } = state;
  if (keeps('oneDecision') && (run !== 'frozen' || epoch !== state.epoch)) return [];
  // A stop position of before the freeze could not be compared with: the log has gone on.
  const standsStill = !keeps('stopBehindFreeze') || sourceLog.length === stop;
  if (keeps('stillAtStop') && !(frozen && standsStill)) return [];
  return [{ action: 'the target is committed to be the truth', state: { ...state, run: 'committed', next: 'open' } }];
}

function asksBack(state: State, keeps: Keeps): Successor[] {
  return [
    {
      action: 'a person asks for the rollback',
      state: { ...state, next: keeps('protectBeforeDrain') ? 'protect' : 'drainBack' },
    },
  ];
}

function goingBack(state: State, keeps: Keeps): Successor[] {
  const to = (action: string, changes: Partial<State>): Successor[] => [{ action, state: { ...state, ...changes } }];
  switch (state.next) {
    case 'protect':
      return to('the target lets nobody in any more', {
        opened: false,
        next: keeps('protectBeforeDrain') ? 'drainBack' : 'closeRun',
      });
    case 'drainBack':
      if (keeps('drainBack') && state.reverse < state.targetLog.length) return [];
      return to('the way back is drained', { next: keeps('protectBeforeDrain') ? 'closeRun' : 'protect' });
    case 'closeRun':
      return to('the rollback is noted', { run: 'rolledBack', next: 'switchBack' });
    case 'switchBack':
      return to('the traffic is switched back', { traffic: 'source', next: 'unfreezeBack' });
    case 'unfreezeBack':
      return to('the source takes writes again', { frozen: false, next: 'end' });
    default:
      return [];
  }
}

/** What was sent before its cutover was sent back, and arrives now. */
function lateSteps(state: State, keeps: Keeps): Successor[] {
  return state.late.flatMap((late, place): Successor[] => {
    const others = state.late.filter((_, other) => other !== place);
    const rest = { ...state, late: others };
    switch (late.kind) {
      case 'freeze': {
        const looks: Late = { kind: 'givesBack', epoch: late.epoch };
        return [{ action: 'a late freeze takes hold', state: { ...rest, frozen: true, late: [...others, looks] } }];
      }
      case 'givesBack': {
        // Not where a later attempt has frozen it, or the target is live: then it is theirs.
        const isTheirs = state.run === 'frozen' || state.run === 'committed' || state.run === 'accepted';
        if (isTheirs || !keeps('giveBack')) return [{ action: 'a late freeze is left to others', state: rest }];
        return [{ action: 'a late freeze is given back', state: { ...rest, frozen: false } }];
      }
      case 'overdue': {
        const isDue = state.run === 'frozen' && state.epoch === late.epoch;
        if (isDue) {
          const sent: State = { ...rest, run: 'open', epoch: state.epoch + 1, frozen: false, stop: null };
          return [{ action: 'an overdue freeze is ended', state: sent }];
        }
        if (keeps('noWayBack')) return [{ action: 'a freeze is not overdue any more', state: rest }];
        return [{ action: 'a freeze that was overdue is ended', state: { ...rest, frozen: false } }];
      }
      case 'commit': {
        const done = committed(rest, late.epoch, keeps);
        return done.length > 0 ? done : [{ action: 'a late commit is refused', state: rest }];
      }
    }
  });
}
