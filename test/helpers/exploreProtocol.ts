import { sourceTakesWrites, successors, targetTakesWrites } from './protocolModel';
import { initialState, type Bounds, type Rows, type Rule, type State } from './protocolState';

/** What was broken, and by which actions it came to that. */
export interface Violation {
  readonly promise: string;
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly violation: Violation | null;
}

const same = (one: Rows, other: Rows): boolean => one[0] === other[0] && one[1] === other[1];

/** What holds in every state; docs/INVARIANTS.md has the numbers. */
const PROMISES: Readonly<Record<string, (state: State) => boolean>> = {
  'never do both sides take writes (14)': (state) => !(sourceTakesWrites(state) && targetTakesWrites(state)),
  'the side that is the truth holds every acknowledged write, as it was last (14, 17)': (state) => {
    if (state.run === 'committed' || state.run === 'accepted') return same(state.target, state.acknowledged);
    // While nobody may write on either side, a rollback that is noted has everything on the source.
    return same(state.source, state.acknowledged);
  },
};

/** What must be reachable from every state: an end, and before it nothing that a person would have to mend. */
function isEnd({ next, run, frozen, late }: State): boolean {
  return next === 'end' && late.length === 0 && (run === 'accepted' || !frozen);
}

/**
 * Looks at every state that the protocol can come to, whoever does the next thing and whoever dies. Finds a state in which
 * a promise does not hold, by the fewest actions; or one from which no end can be reached any more.
 */
export function exploreProtocol(bounds: Bounds, broken: Rule | null = null): Exploration {
  const first = initialState(bounds);
  const states: State[] = [first];
  const places = new Map<string, number>([[JSON.stringify(first), 0]]);
  const cameBy: { from: number; action: string }[] = [{ from: -1, action: 'the start' }];
  const before: number[][] = [[]];
  for (let place = 0; place < states.length; place++) {
    for (const { action, state } of successors(states[place] as State, broken)) {
      const name = JSON.stringify(state);
      let known = places.get(name);
      if (known === undefined) {
        known = states.length;
        places.set(name, known);
        states.push(state);
        cameBy.push({ from: place, action });
        before.push([]);
        const promise = Object.keys(PROMISES).find((each) => !PROMISES[each]?.(state));
        if (promise !== undefined) return { states: known + 1, violation: { promise, trace: traceTo(cameBy, known) } };
      }
      before[known]?.push(place);
    }
  }
  const stuck = firstStuck(states, before);
  const promise = 'an end can be reached without anybody mending anything (31)';
  const violation = stuck === null ? null : { promise, trace: traceTo(cameBy, stuck) };
  return { states: states.length, violation };
}

/** The first state from which no end can be reached. */
function firstStuck(states: readonly State[], before: readonly (readonly number[])[]): number | null {
  const reaches = new Array<boolean>(states.length).fill(false);
  const open = states.flatMap((state, place) => (isEnd(state) ? [place] : []));
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (reaches[place]) continue;
    reaches[place] = true;
    for (const earlier of before[place] ?? []) open.push(earlier);
  }
  const stuck = reaches.indexOf(false);
  return stuck < 0 ? null : stuck;
}

function traceTo(cameBy: readonly { from: number; action: string }[], place: number): string[] {
  const trace: string[] = [];
  for (let at = place; at > 0; at = cameBy[at]?.from ?? 0) trace.unshift(cameBy[at]?.action ?? '');
  return trace;
}
