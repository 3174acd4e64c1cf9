import { exploreProtocol } from '../helpers/exploreProtocol';
import { RULES, type Bounds, type Rule } from '../helpers/protocolState';

const SMALL: Bounds = { writes: 1, aborts: 1, restarts: 1 };
const SENT_BACK: Bounds = { writes: 2, aborts: 1, restarts: 0 };
const RESTARTED: Bounds = { writes: 2, aborts: 0, restarts: 1 };

/** `npm run test:model` names larger ones: writes, cutovers sent back, restarts of the source. */
const [writes = 0, aborts = 0, restarts = 0] = (process.env['MODEL_BOUNDS'] ?? '').split(',').map(Number);
const LARGER: readonly Bounds[] = writes > 0 ? [{ writes, aborts, restarts }] : [];

test.each([SMALL, SENT_BACK, RESTARTED, ...LARGER])(
  'the protocol loses no acknowledged write and comes to an end, whoever dies or comes late: %j',
  (bounds) => {
    const { states, violation } = exploreProtocol(bounds);
    expect(violation).toBeNull();
    // So many as to be sure that writes, deaths and late steps have met each other.
    expect(states).toBeGreaterThan(50_000);
    if (LARGER.length > 0) process.stdout.write(`${JSON.stringify(bounds)}: ${states} states\n`);
  },
);

/** What needs a second write to show. */
const OF_TWO_WRITES: ReadonlySet<string> = new Set<Rule>(['positionWithRows', 'ownOrigin']);

test.each(Object.entries(RULES))('without the rule %s (%s) it does not', (rule) => {
  const bounds = OF_TWO_WRITES.has(rule) ? SENT_BACK : SMALL;
  expect(exploreProtocol(bounds, rule as Rule).violation).not.toBeNull();
});
