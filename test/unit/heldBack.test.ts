import fc from 'fast-check';
import { BEHIND, heldBackBy, RUNNING } from '../../domain/heldBack';

const replica = (behindSeconds: number | null, name = 'r') => ({ name, behindSeconds, why: 'it stopped' });

test('the copy waits above the limit, and goes on only well below it', () => {
  expect(heldBackBy({ replicas: [replica(10)], running: null }, false)).toBeNull();
  expect(heldBackBy({ replicas: [replica(0), replica(11, 'slow')], running: 0 }, false)).toMatch(
    /^replica "slow" is 11 s/,
  );
  expect(heldBackBy({ replicas: [replica(6)], running: null }, true)).toMatch(/6 s behind/);
  expect(heldBackBy({ replicas: [replica(5)], running: null }, true)).toBeNull();
  expect(heldBackBy({ replicas: [], running: 25 }, false)).toBeNull();
  expect(heldBackBy({ replicas: [], running: 26 }, false)).toMatch(/26 statements at work/);
  expect(heldBackBy({ replicas: [], running: 16 }, true)).toMatch(/16 statements at work/);
  expect(heldBackBy({ replicas: [], running: 15 }, true)).toBeNull();
});

test('a replica of which nothing is known holds the copy back, and why is told', () => {
  expect(heldBackBy({ replicas: [replica(0), replica(null, 'lost')], running: 0 }, false)).toBe(
    'replica "lost" does not follow the source: it stopped',
  );
});

test('whatever goes up and down between the two limits changes nothing', () => {
  const between = ({ waitsAbove, goesOnAt }: typeof BEHIND) => fc.integer({ min: goesOnAt + 1, max: waitsAbove });
  fc.assert(
    fc.property(fc.array(fc.tuple(between(BEHIND), between(RUNNING))), fc.boolean(), (course, waits) => {
      for (const [behind, running] of course) {
        expect(heldBackBy({ replicas: [replica(behind)], running }, waits) !== null).toBe(waits);
      }
    }),
  );
});
